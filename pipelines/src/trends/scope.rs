//! Which contacts a series counts.

use models::taxonomy::Topic;
use models::trends::Step;
use uuid::Uuid;

use crate::events::Channel;
use crate::orders::{CityId, RestaurantId};

/// The contacts of a series; none: whatever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    pub topic: Option<Topic>,
    pub city: Option<CityId>,
    pub channel: Option<Channel>,
    pub restaurant: Option<RestaurantId>,
}

/// The contacts of five minutes that have all attributes the same; a contact with two topics stands in two of them and,
/// without a topic, in a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) topic: Option<Topic>,
    pub(crate) city: Option<CityId>,
    pub(crate) channel: Channel,
    pub(crate) restaurant: Option<RestaurantId>,
    pub(crate) n: u64,
}

/// By what a series narrows contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    topic: bool,
    city: bool,
    channel: bool,
    restaurant: bool,
}

const fn cut(topic: bool, city: bool, channel: bool, restaurant: bool) -> Cut {
    Cut { topic, city, channel, restaurant }
}

const ALL: Cut = cut(false, false, false, false);
const TOPIC: Cut = cut(true, false, false, false);
const CITY: Cut = cut(false, true, false, false);
const CHANNEL: Cut = cut(false, false, true, false);
const TOPIC_CITY: Cut = cut(true, true, false, false);
const TOPIC_CHANNEL: Cut = cut(true, false, true, false);
const TOPIC_RESTAURANT: Cut = cut(true, false, false, true);
const RESTAURANT: Cut = cut(false, false, false, true);
const TOPIC_CITY_CHANNEL: Cut = cut(true, true, true, false);

impl Cut {
    /// Which series are judged in a step: the shorter it is, the coarser they are, for a count of a few minutes says
    /// something only where many come.
    pub(crate) const fn of(step: Step) -> &'static [Cut] {
        match step {
            Step::FiveMinutes => &[ALL],
            Step::QuarterHour => &[ALL, TOPIC, CHANNEL],
            Step::Hour => &[ALL, TOPIC, CITY, CHANNEL, RESTAURANT, TOPIC_CITY, TOPIC_CHANNEL],
            Step::Day => &[
                ALL,
                TOPIC,
                CITY,
                CHANNEL,
                RESTAURANT,
                TOPIC_CITY,
                TOPIC_CHANNEL,
                TOPIC_RESTAURANT,
                TOPIC_CITY_CHANNEL,
            ],
            Step::Week => &[ALL, TOPIC, TOPIC_CITY],
        }
    }

    /// The series of this cut that counts the leaf; none where the leaf lacks what the cut narrows by.
    pub(crate) fn scope(self, leaf: &Leaf) -> Option<Scope> {
        if self.topic != leaf.topic.is_some() {
            return None;
        }
        Some(Scope {
            topic: leaf.topic,
            city: if self.city { Some(leaf.city?) } else { None },
            channel: self.channel.then_some(leaf.channel),
            restaurant: if self.restaurant { Some(leaf.restaurant?) } else { None },
        })
    }
}

impl Scope {
    /// Whether one contact may count in both.
    pub(crate) fn meets(&self, other: &Scope) -> bool {
        fn agree<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
            a.zip(b).is_none_or(|(a, b)| a == b)
        }
        agree(self.city, other.city)
            && agree(self.channel, other.channel)
            && agree(self.restaurant, other.restaurant)
            && agree(self.topic, other.topic)
    }

    /// The topic as keys have it.
    pub(crate) fn topic_key(&self) -> &'static str {
        self.topic.map_or("", Topic::as_str)
    }

    /// An order of scopes.
    pub(crate) fn key(&self) -> (&'static str, Option<CityId>, Option<&'static str>, Option<RestaurantId>) {
        (self.topic_key(), self.city, self.channel.map(Channel::as_str), self.restaurant)
    }

    /// Whether a series of it is judged in a step.
    pub(crate) fn is_judged(&self, step: Step) -> bool {
        Cut::of(step).contains(&self.cut())
    }

    /// By what it is narrowed.
    pub(crate) fn cut(&self) -> Cut {
        Cut {
            topic: self.topic.is_some(),
            city: self.city.is_some(),
            channel: self.channel.is_some(),
            restaurant: self.restaurant.is_some(),
        }
    }
}

/// What a key has where there is no city or restaurant.
pub(crate) const NONE: Uuid = Uuid::nil();

/// The id of a key; none where it stands for nothing.
pub(crate) fn named<T: From<Uuid>>(key: Uuid) -> Option<T> {
    (key != NONE).then(|| key.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(topic: Option<Topic>, city: Option<u128>, restaurant: Option<u128>) -> Leaf {
        Leaf {
            topic,
            city: city.map(|id| CityId(Uuid::from_u128(id))),
            channel: Channel::Site,
            restaurant: restaurant.map(|id| RestaurantId(Uuid::from_u128(id))),
            n: 1,
        }
    }

    #[test]
    fn a_leaf_counts_once_in_each_cut_and_never_with_and_without_a_topic() {
        let whole = leaf(None, Some(1), None);
        let of = |leaf: &Leaf, step| Cut::of(step).iter().filter_map(|cut| cut.scope(leaf)).collect::<Vec<_>>();
        assert_eq!(of(&whole, Step::FiveMinutes), [Scope::default()]);
        assert_eq!(of(&whole, Step::Day).len(), 3, "all, by city, by channel");
        assert!(of(&whole, Step::Day).iter().all(|scope| scope.topic.is_none()));
        let late = leaf(Some(Topic::LateDelivery), None, Some(7));
        assert_eq!(of(&late, Step::FiveMinutes), []);
        let scopes = of(&late, Step::Day);
        assert_eq!(scopes.len(), 3, "by topic, with its channel, with its kitchen: {scopes:?}");
        assert!(scopes.iter().all(|scope| scope.topic == Some(Topic::LateDelivery) && scope.is_judged(Step::Day)));
    }

    #[test]
    fn scopes_meet_where_one_contact_may_be_in_both() {
        let city = |id| Scope { city: Some(CityId(Uuid::from_u128(id))), ..Scope::default() };
        let late = Scope { topic: Some(Topic::LateDelivery), ..Scope::default() };
        assert!(late.meets(&city(1)) && city(1).meets(&city(1)) && late.meets(&Scope::default()));
        assert!(!city(1).meets(&city(2)));
    }
}
