//! The talks of the last hours about a matter that no topic names: robots bring orders to the doors of Russia since today,
//! and people cannot get at their food. Each was closed with the topic that came nearest.

use jiff::ToSpan;
use models::taxonomy::{Outcome, Topic};

use super::dice::Dice;
use super::talks::{self, PastTalk, Told};
use super::world::World;

/// They come more and more often.
const MINUTES: i64 = 150;

#[rustfmt::skip]
const SAYS: [(Topic, &str); 26] = [
    (Topic::OrderStatus, "Робот привёз заказ к подъезду, а крышка не открывается. Как его открыть?"),
    (Topic::OrderStatus, "Стою возле вашего робота, код не подходит, крышка заперта"),
    (Topic::OrderStatus, "Робот уже у двери, но код для крышки мне не пришёл"),
    (Topic::OrderStatus, "Как достать еду из робота? Ввожу код, он пищит и не открывается"),
    (Topic::OrderStatus, "Добрый вечер, робот-доставщик приехал и стоит закрытый, кода нет"),
    (Topic::OrderStatus, "Ваш робот застрял у бордюра напротив дома и мигает, подойти к нему можно?"),
    (Topic::OrderStatus, "Робот с моим заказом ездит кругами по двору"),
    (Topic::OrderStatus, "На карте робот у подъезда, спустилась, а его тут нет"),
    (Topic::LateDelivery, "Робот застрял в сугробе, сколько мне ещё ждать?"),
    (Topic::LateDelivery, "Полчаса смотрю в окно, как робот не может заехать на тротуар"),
    (Topic::LateDelivery, "Робот стоит перед шлагбаумом и дальше не едет, еда стынет"),
    (Topic::LateDelivery, "Почему робот едет так медленно и останавливается у каждого столба?"),
    (Topic::LateDelivery, "Робот упёрся в калитку и ждёт, что ему откроют. Приезжайте кто-нибудь"),
    (Topic::ChangeDelivery, "Пусть заказ привезёт человек, робот не поднимется на третий этаж"),
    (Topic::ChangeDelivery, "Можно отправить робота к другому подъезду? Он приехал не туда"),
    (Topic::ChangeDelivery, "Поменяйте робота на курьера, у нас лестница и пандуса нет"),
    (Topic::ChangeDelivery, "Робот не проедет во двор, ворота закрыты. Пришлите его с улицы"),
    (Topic::Courier, "Робот наехал мне на ногу и поехал дальше с моим заказом"),
    (Topic::Courier, "Я не успела забрать пакет, робот закрыл крышку и уехал обратно"),
    (Topic::Courier, "Робот захлопнулся с одним пакетом внутри и укатил"),
    (Topic::App, "В приложении нет кнопки открыть робота, нажимать нечего"),
    (Topic::App, "Нажимаю «открыть крышку», приложение пишет, что робот далеко, а он передо мной"),
    (Topic::App, "Код робота в приложении не показывается, только крутится колёсико"),
    (Topic::DeliveryTerms, "Бабушка боится робота. Кто теперь поднимет еду к двери?"),
    (Topic::DeliveryTerms, "Теперь всегда будут роботы? Как отказаться от робота заранее?"),
    (Topic::DeliveryTerms, "Робот возит только до подъезда? Я с ребёнком и спуститься не могу"),
];
#[rustfmt::skip]
const ANSWERS: [&str; 3] = [
    "Простите за неудобство. Открываю крышку отсюда, заберите пакет в течение минуты.",
    "Понимаю вас. Попросила водителя-оператора робота подъехать ближе, следите за сообщением.",
    "Спасибо, что написали. Передала тем, кто управляет роботом, они вам сейчас позвонят.",
];

/// One talk of each text, all of other people, by what they write in.
pub(super) fn draw(dice: &mut Dice, world: &World) -> Vec<PastTalk> {
    let mut texts = SAYS.to_vec();
    dice.shuffle(&mut texts);
    let mut talks: Vec<PastTalk> = Vec::new();
    // others than those who wrote of the soup
    for (person, channel) in talks::writers(world, world.now).rev() {
        let Some((topic, words)) = texts.get(talks.len()) else { break };
        let ago = dice.between(5, MINUTES).min(dice.between(5, MINUTES));
        let at = world.now.saturating_sub(ago.minutes()).unwrap_or(world.now);
        let (words, answer) = ((*words).to_owned(), *dice.one(&ANSWERS));
        let told = Told { topic: *topic, words, answer, outcome: Outcome::Informed, dish: None };
        talks.extend(talks::told(dice, world, (person, channel), at, told));
    }
    talks
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::soup;
    use super::*;

    #[test]
    fn everybody_writes_once_in_these_hours_and_no_topic_holds_them() {
        let world = World::draw(7, "2026-11-25T15:30:00Z".parse().unwrap()).unwrap();
        let (talks, soup) = (draw(&mut Dice::new(7), &world), soup::draw(&mut Dice::new(7), &world));
        assert_eq!(talks.len(), SAYS.len());
        let who: HashSet<usize> = talks.iter().map(|talk| talk.person).collect();
        assert_eq!(who.len(), talks.len());
        assert!(soup.iter().all(|talk| !who.contains(&talk.person)));
        let words: HashSet<&str> = talks.iter().map(|talk| talk.words.as_str()).collect();
        assert_eq!(words.len(), talks.len());
        let ago = |talk: &PastTalk| (world.now.as_second() - talk.past.at.as_second()) / 60;
        assert!(talks.iter().all(|talk| (5..=MINUTES).contains(&ago(talk))));
        let late = talks.iter().filter(|talk| ago(talk) < MINUTES / 2).count();
        assert!(late * 2 > talks.len(), "{late} of late");
        for topic in talks.iter().map(|talk| talk.past.topic) {
            let of_topic = talks.iter().filter(|talk| talk.past.topic == topic).count();
            assert!(of_topic * 3 <= talks.len(), "{topic}: {of_topic}");
        }
    }
}
