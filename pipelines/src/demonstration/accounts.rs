//! Where customers reach the demonstration, and the secrets of those doors.

use jiff::Timestamp;
use models::taxonomy::Language;
use uuid::Uuid;

use super::dice::Dice;
use super::world::id_at;
use crate::events::Channel;
use crate::orders::{Brand, BrandId};

/// A channel account of the demonstration.
#[derive(Debug)]
pub struct AccountPlan {
    pub id: Uuid,
    pub channel: Channel,
    pub slug: &'static str,
    pub name: &'static str,
    pub brand: BrandId,
    pub language: Language,
    pub secrets: Vec<Secret>,
}

/// What opens a door. The demonstration's are known to everybody: they are made of the account's slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// Telegram repeats it in a header of each webhook call.
    Webhook(String),
    /// With which we would call Telegram.
    BotToken(String),
    /// With which the app's server signs its customers' ids.
    AppKey(String),
    /// A recogniser or PBX bears it.
    Source(String),
}

pub(super) fn draw(dice: &mut Dice, now: Timestamp, brands: &[Brand]) -> Vec<AccountPlan> {
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
    doors
        .into_iter()
        .map(|(channel, slug, name, brand, language)| AccountPlan {
            id: id_at(dice, now),
            channel,
            slug,
            name,
            brand: brands[brand].id,
            language,
            secrets: secrets(channel, slug),
        })
        .collect()
}

fn secrets(channel: Channel, slug: &str) -> Vec<Secret> {
    let secret = format!("{slug}-secret");
    match channel {
        // no bot of Telegram's has a token of this form
        Channel::Telegram => vec![Secret::Webhook(secret), Secret::BotToken(format!("1:{slug}"))],
        Channel::Site => Vec::new(),
        Channel::App => vec![Secret::AppKey(secret)],
        Channel::Call | Channel::Replay => vec![Secret::Source(secret)],
    }
}
