//! Where customers reach the demonstration, and the secrets of those doors.

use jiff::Timestamp;
use models::taxonomy::Language;
use secrecy::SecretString;

use super::dice::Dice;
use super::world::id_at;
use crate::conversations::accounts::{Account, AccountId, AccountSettings, SecretKind, WithSecrets};
use crate::events::Channel;
use crate::orders::Brand;

/// The secret of a door of the demonstration. Everybody knows it: it keeps nobody out.
pub fn secret_of(slug: &str) -> SecretString {
    format!("{slug}-secret").into()
}

pub(super) fn draw(dice: &mut Dice, now: Timestamp, brands: &[Brand]) -> Vec<WithSecrets> {
    use Language::{Kk, Ru, Uz};
    #[rustfmt::skip]
    let doors = [
        (Channel::Telegram, "demo-bot", "Бот доставки", 1, Ru),
        (Channel::Telegram, "demo-bot-kz", "Жеткізу боты", 1, Kk),
        (Channel::Telegram, "demo-bot-uz", "Yetkazish boti", 1, Uz),
        (Channel::Site, "demo-site", "Сайт «Сакура Ряд»", 0, Ru),
        (Channel::Site, "demo-site-kz", "«Сакура Ряд» сайты", 0, Kk),
        (Channel::Site, "demo-site-uz", "«Сакура Ряд» sayti", 0, Uz),
        (Channel::App, "demo-app", "Приложение «Вок Стоп»", 1, Ru),
        (Channel::Call, "demo-calls", "Единый номер 8 800", 2, Ru),
        (Channel::Call, "demo-calls-kz", "Байланыс нөмірі", 2, Kk),
        (Channel::Call, "demo-calls-uz", "Aloqa raqami", 2, Uz),
        (Channel::Replay, "demo-replay", "Проигрывание записей", 0, Ru),
    ];
    let mut account = |(channel, slug, name, brand, language): (Channel, &str, &str, usize, Language)| {
        let account = Account {
            id: AccountId(id_at(dice, now)),
            channel,
            slug: slug.to_owned(),
            name: name.to_owned(),
            brand_id: brands[brand].id,
            city_id: None,
            language,
            settings: AccountSettings { v: 1, ..AccountSettings::default() },
            active: true,
        };
        (account, secrets(channel, slug))
    };
    doors.into_iter().map(&mut account).collect()
}

fn secrets(channel: Channel, slug: &str) -> Vec<(SecretKind, SecretString)> {
    let secret = secret_of(slug);
    match channel {
        // no bot of Telegram's has a token of this form
        Channel::Telegram => vec![(SecretKind::Webhook, secret), (SecretKind::BotToken, format!("1:{slug}").into())],
        Channel::Site | Channel::App | Channel::Replay => vec![(SecretKind::AppKey, secret)],
        Channel::Call => vec![(SecretKind::Source, secret)],
    }
}
