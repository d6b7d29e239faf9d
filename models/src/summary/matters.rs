//! The matters of a contact, each with what was said of it: its order, dish, sum and delay.
//!
//! A talk about several matters is cut into stretches: one begins where a matter is first stated, and ends where the next
//! is. What a matter does not say itself is looked for in its stretch.

use crate::entities::Entity;
use crate::reading::Evidence;
use crate::summary::corrections;
use crate::summary::frame::Part;
use crate::summary::orders;
use crate::taxonomy::{EntityType, Speaker, Topic};

/// What a contact is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matter {
    pub(super) topic: Topic,
    /// That state it.
    pub(super) turns: Vec<u32>,
    /// The order that it is about, as a turn has it, and where.
    pub(super) order: Option<(String, u32)>,
    pub(super) dish: Option<String>,
    pub(super) amount: Option<String>,
    /// How long the customer has waited.
    pub(super) delay: Option<String>,
}

/// The matters with these topics, in their order; `evidence`: the turns that state any.
pub(super) fn of(topics: impl Iterator<Item = Topic>, parts: &[Part], evidence: &Evidence) -> Vec<Matter> {
    let topics: Vec<(Topic, Vec<u32>)> = topics.map(|topic| (topic, turns_of(topic, parts, evidence))).collect();
    let mut starts: Vec<u32> = topics.iter().filter_map(|(_, turns)| turns.first().copied()).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut stated: Vec<u32> = topics.iter().flat_map(|(_, turns)| turns.clone()).collect();
    stated.sort_unstable();
    let is_stated = |turn: &u32| stated.binary_search(turn).is_ok();
    let orders = orders::of(parts, &starts, &stated);
    let matter = |(at, (topic, turns)): (usize, (Topic, Vec<u32>))| {
        let stretch = turns.first().map_or(0, |turn| stretch(&starts, *turn));
        // What the customer came for may be named by its number only later, unless that is another matter's.
        let late = || orders.iter().flatten().find(|(_, turn)| !is_stated(turn) || turns.contains(turn));
        let order = orders[stretch].as_ref().or_else(|| late().filter(|_| at == 0)).cloned();
        let own = parts.iter().filter(|part| turns.binary_search(&part.turn).is_ok());
        let beside = parts.iter().filter(|part| !is_stated(&part.turn) && self::stretch(&starts, part.turn) == stretch);
        let said: Vec<&Part> = own.chain(beside).filter(|part| part.speaker == Speaker::Customer).collect();
        let named = |kind: EntityType, is_told: bool| is_told.then(|| said_of(kind, &said)).flatten();
        Matter {
            order,
            dish: named(EntityType::Dish, is_of_food(topic)),
            amount: named(EntityType::Money, true),
            delay: named(EntityType::Duration, is_waited_for(topic)),
            topic,
            turns,
        }
    };
    topics.into_iter().enumerate().map(matter).collect()
}

/// Which stretch a turn is in; what comes before the first matter belongs to it.
pub(super) fn stretch(starts: &[u32], turn: u32) -> usize {
    starts.partition_point(|start| *start <= turn).saturating_sub(1)
}

fn is_of_food(topic: Topic) -> bool {
    use Topic::*;
    matches!(
        topic,
        MissingItem
            | WrongItem
            | FoodQuality
            | FoodSafety
            | Packaging
            | NewOrder
            | RepeatOrder
            | ChangeItems
            | Menu
            | Allergens
            | FoodService
    )
}

fn is_waited_for(topic: Topic) -> bool {
    matches!(topic, Topic::LateDelivery | Topic::NotDelivered | Topic::OrderStatus)
}

/// Those of the turns that state the matter in which this topic was read; else the customer's turn that is surest of it,
/// else all that state the matter.
fn turns_of(topic: Topic, parts: &[Part], evidence: &Evidence) -> Vec<u32> {
    let score = |part: &Part| part.reading.topics.iter().find(|t| t.value == topic).map(|t| t.score);
    let said = parts.iter().filter(|part| part.speaker == Speaker::Customer && score(part).is_some());
    let mut stated: Vec<u32> =
        said.clone().filter(|part| evidence.issue.contains(&part.turn)).map(|part| part.turn).collect();
    stated.dedup();
    if !stated.is_empty() {
        return stated;
    }
    let surest = said.max_by(|a, b| score(a).unwrap_or(0.0).total_cmp(&score(b).unwrap_or(0.0)));
    surest.map_or_else(|| evidence.issue.clone(), |part| vec![part.turn])
}

/// What is named first of a kind in these parts, in the place of what the customer takes back.
fn said_of(kind: EntityType, said: &[&Part]) -> Option<String> {
    let mut told: Option<&Entity> = None;
    for part in said {
        let named: Vec<&Entity> = part.reading.entities.iter().filter(|entity| entity.kind == kind).collect();
        let is_denied = |entity: &&Entity| corrections::is_denied(&part.text, entity);
        let is_same = |entity: &&Entity, told: &Entity| entity.text.to_lowercase() == told.text.to_lowercase();
        let is_wrong =
            told.is_none_or(|told| named.iter().filter(|entity| is_denied(entity)).any(|entity| is_same(entity, told)));
        let stands = corrections::standing(&part.text, &named).into_iter().find(|entity| !is_denied(entity));
        told = stands.filter(|_| is_wrong).or(told);
    }
    told.map(|entity| entity.text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::{self, MenuWords};
    use crate::reading::{Reading, Scored};
    use crate::taxonomy::Language;

    /// `topic`: what the turn states.
    fn part(turn: u32, speaker: Speaker, text: &str, topic: Option<Topic>) -> Part {
        let dishes = ["суп", "плов", "лагман"].map(|dish| (dish.to_owned(), EntityType::Dish));
        let reading = Reading {
            topics: topic.iter().map(|value| Scored { value: *value, score: 0.9 }).collect(),
            entities: entities::find(text, Language::Ru, &MenuWords::new(dishes.to_vec()), Vec::new()),
            ..Reading::empty()
        };
        Part { turn, speaker, text: text.to_owned(), reading }
    }

    fn matters(said: &[(Speaker, &str, Option<Topic>)]) -> Vec<Matter> {
        let parts: Vec<Part> =
            (0..).zip(said).map(|(turn, (speaker, text, topic))| part(turn, *speaker, text, *topic)).collect();
        let issue = (0..).zip(said).filter(|(_, (.., topic))| topic.is_some()).map(|(turn, _)| turn).collect();
        let topics = said.iter().filter_map(|(.., topic)| *topic);
        of(topics, &parts, &Evidence { issue, ..Evidence::default() })
    }

    fn orders_of(said: &[(Speaker, &str, Option<Topic>)]) -> Vec<Option<String>> {
        matters(said).into_iter().map(|matter| matter.order.map(|(number, _)| number)).collect()
    }

    use Speaker::{Customer, Operator};
    const COLD: (Speaker, &str, Option<Topic>) =
        (Customer, "в заказе 4138 суп холодный, верните 300 рублей", Some(Topic::FoodQuality));
    const LATE: (Speaker, &str, Option<Topic>) =
        (Customer, "и ещё заказ 77915 на 690 рублей, жду уже 40 минут", Some(Topic::LateDelivery));

    #[test]
    fn each_matter_has_what_was_said_of_it() {
        let [cold, late] = matters(&[COLD, (Operator, "Вернула 300 рублей.", None), LATE]).try_into().expect("two");
        assert_eq!((cold.order, cold.dish.as_deref()), (Some(("4138".to_owned(), 0)), Some("суп")));
        assert_eq!((cold.amount.as_deref(), cold.delay), (Some("300 рублей"), None));
        assert_eq!((late.order, late.dish), (Some(("77915".to_owned(), 2)), None));
        assert_eq!((late.amount.as_deref(), late.delay.as_deref()), (Some("690 рублей"), Some("40 минут")));
    }

    #[test]
    fn a_correction_is_of_the_matter_whose_number_it_takes_back() {
        let some = |numbers: [&str; 2]| numbers.map(|number| Some(number.to_owned())).to_vec();
        let corrected = |said: &'static str| orders_of(&[COLD, LATE, (Operator, "Ищу.", None), (Customer, said, None)]);
        assert_eq!(corrected("ой, заказ 77951"), some(["4138", "77951"]));
        assert_eq!(corrected("нет, заказ 4183"), some(["4183", "77915"]));
        assert_eq!(corrected("заказ 77951, не 77915"), some(["4138", "77951"]));
        assert_eq!(corrected("нет, а заказ 12345 где"), some(["4138", "77915"]));
        let near = (Customer, "нет, и в заказе 4139 не хватает лагмана", Some(Topic::MissingItem));
        assert_eq!(orders_of(&[COLD, near]), some(["4138", "4139"]));
    }

    #[test]
    fn a_slip_of_the_tongue_is_no_order_and_a_lack_is_no_slip() {
        let order = |said: &'static str| orders_of(&[(Customer, said, Some(Topic::MissingItem))]).remove(0);
        assert_eq!(order("заказ 48213, ой, 48231, нет супа").as_deref(), Some("48231"));
        assert_eq!(order("заказ 4138, точнее заказ 4183").as_deref(), Some("4183"));
        assert_eq!(order("не заказ 4138, а заказ 4183").as_deref(), Some("4183"));
        assert_eq!(order("в заказе 48213 нет супа, в 48231 нет плова").as_deref(), Some("48213"));
        let slip = (Customer, "заказ 4138, ой, заказ 4183", None);
        assert_eq!(orders_of(&[COLD, slip]), [Some("4183".to_owned())]);
    }

    #[test]
    fn a_matter_without_a_number_of_its_own_borrows_none() {
        let asks = (Customer, "а сколько у меня бонусов", Some(Topic::Loyalty));
        let again = (Operator, "По заказу 4138 вернула деньги.", None);
        assert_eq!(orders_of(&[COLD, asks, again]), [Some("4138".to_owned()), None]);
        let cold = (Customer, "суп холодный", Some(Topic::FoodQuality));
        assert_eq!(orders_of(&[cold, LATE]), [None, Some("77915".to_owned())]);
        let misread = (Customer, "ой, заказ 4183", None);
        assert_eq!(orders_of(&[COLD, asks, misread]), [Some("4183".to_owned()), None]);
    }

    #[test]
    fn a_dish_that_is_taken_back_gives_way() {
        let said = (Customer, "не суп, а лагман", None);
        let matters = matters(&[COLD, (Operator, "Плов?", None), said]);
        assert_eq!(matters[0].dish.as_deref(), Some("лагман"));
    }
}
