//! Reads one update: what a customer said, or why it is nothing for us.
//!
//! Only the fields that are read reach the typed message: a field or a word that Telegram adds tomorrow stops nothing.

use frankenstein::types::{ChatType, Message, PhotoSize, User};
use serde::Serialize;
use serde_json::Value;

use super::placeholder::placeholder;
use models::taxonomy::Language;

/// What an update brought.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    Said(Box<Said>),
    Ignored(Ignored),
}

impl Reading {
    /// The new text of an edit as a message of its own.
    #[must_use]
    pub fn without_edit(self) -> Self {
        match self {
            Self::Said(mut said) => {
                if let What::Edit { text, .. } = said.what {
                    said.what = What::Text(text);
                }
                Self::Said(said)
            }
            ignored => ignored,
        }
    }
}

/// A customer's utterance in a private chat with the bot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// One an utterance and one an edit, whichever way and how often the update comes.
    pub external_id: String,
    pub chat_id: i64,
    pub user_id: u64,
    pub name: String,
    pub language: Option<Language>,
    /// Seconds since 1970, as Telegram dates it.
    pub date: i64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Text(String),
    /// A new text or caption of an earlier utterance.
    Edit {
        of: String,
        text: String,
    },
    Photo {
        file: File,
        caption: Option<String>,
    },
    File {
        file: File,
        caption: Option<String>,
    },
    /// The customer's own number; a number of somebody else is a text.
    Phone(String),
}

/// A file that lies at Telegram until it is fetched. Nothing but the id is to be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct File {
    pub id: String,
    pub name: Option<String>,
    pub media_type: Option<String>,
    pub size: Option<u64>,
}

/// Why an update is not stored. The names are labels of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    /// Not a message of a chat: a poll, a reaction, a kind of tomorrow.
    Kind,
    /// A group or a channel: many people are not one customer.
    Group,
    /// Written by a bot.
    Bot,
    /// Something about the chat, said by nobody: a pinned message, a changed timer.
    Service,
    /// A message that cannot be read.
    Unreadable,
}

impl Ignored {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Group => "group",
            Self::Bot => "bot",
            Self::Service => "service",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Not an update at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not an update of the Bot API: a JSON object with an update_id")]
pub struct NotAnUpdate;

/// Reads the body of a webhook call; `language` is the account's, for what has no words of its own.
pub fn read_bytes(body: &[u8], language: Language) -> Result<Reading, NotAnUpdate> {
    let update = serde_json::from_slice(body).map_err(|_| NotAnUpdate)?;
    read(update, language).map(|(_, reading)| reading)
}

/// Reads one update; gives its number in the bot's sequence too.
pub fn read(update: Value, language: Language) -> Result<(i64, Reading), NotAnUpdate> {
    let Value::Object(mut update) = update else { return Err(NotAnUpdate) };
    let id = update.get("update_id").and_then(Value::as_i64).ok_or(NotAnUpdate)?;
    let (message, edited) = match (update.remove("message"), update.remove("edited_message")) {
        (Some(message), _) => (message, false),
        (None, Some(message)) => (message, true),
        (None, None) => return Ok((id, Reading::Ignored(Ignored::Kind))),
    };
    let reading = match typed(message) {
        Some(message) => said(&message, edited.then_some(id), language),
        None => Reading::Ignored(Ignored::Unreadable),
    };
    Ok((id, reading))
}

/// The fields that are read, with their shape.
const TYPED: &[&str] = &[
    "message_id",
    "from",
    "chat",
    "date",
    "edit_date",
    "text",
    "caption",
    "photo",
    "document",
    "voice",
    "video",
    "video_note",
    "audio",
    "animation",
    "contact",
    "sticker",
    "location",
    "venue",
    "dice",
];
/// Of these only the presence counts; their shape changes often.
const OPAQUE: &[&str] = &[
    "poll",
    "story",
    "game",
    "invoice",
    "checklist",
    "paid_media",
    "live_photo",
    "gift",
    "web_app_data",
    "rich_message",
];
/// Who wrote, when and in what words.
const FRAME: &[&str] = &["message_id", "from", "chat", "date", "edit_date", "text", "caption"];

/// A message with nothing but what is read, and what else it held besides.
pub(super) struct Typed {
    pub(super) message: Message,
    /// Holds something that a person sent but that we cannot show.
    pub(super) other: bool,
}

fn typed(message: Value) -> Option<Typed> {
    let Value::Object(mut message) = message else { return None };
    let other = OPAQUE.iter().any(|key| message.contains_key(*key));
    message.retain(|key, _| TYPED.contains(&key.as_str()));
    if let Ok(message) = serde_json::from_value(Value::Object(message.clone())) {
        return Some(Typed { message, other });
    }
    // A strange attachment must not hide who wrote: keep the frame, say that there was something.
    message.retain(|key, _| FRAME.contains(&key.as_str()));
    serde_json::from_value(Value::Object(message)).ok().map(|message| Typed { message, other: true })
}

fn said(typed: &Typed, edit: Option<i64>, language: Language) -> Reading {
    let message = &typed.message;
    if message.chat.type_field != ChatType::Private {
        return Reading::Ignored(Ignored::Group);
    }
    let Some(from) = &message.from else { return Reading::Ignored(Ignored::Unreadable) };
    if from.is_bot {
        return Reading::Ignored(Ignored::Bot);
    }
    let Some(what) = what(typed, from, language) else { return Reading::Ignored(Ignored::Service) };
    let own = format!("{}:{}", message.chat.id, message.message_id);
    let (external_id, what, date) = match edit {
        None => (own, what, message.date),
        Some(update) => {
            let Some(text) = message.text.clone().or_else(|| message.caption.clone()) else {
                return Reading::Ignored(Ignored::Service);
            };
            (format!("{own}:edit:{update}"), What::Edit { of: own, text }, message.edit_date.unwrap_or(message.date))
        }
    };
    Reading::Said(Box::new(Said {
        external_id,
        chat_id: message.chat.id,
        user_id: from.id,
        name: full_name(&from.first_name, from.last_name.as_deref()),
        language: from.language_code.as_deref().and_then(spoken),
        date: i64::try_from(date).unwrap_or_default(),
        what,
    }))
}

fn what(typed: &Typed, from: &User, language: Language) -> Option<What> {
    let message = &typed.message;
    let caption = message.caption.clone();
    if let Some(text) = &message.text {
        return Some(What::Text(text.clone()));
    }
    if let Some(photo) = message.photo.as_deref().and_then(largest) {
        let file = File { id: photo.file_id.clone(), name: None, media_type: None, size: photo.file_size };
        return Some(What::Photo { file, caption });
    }
    if let Some(file) = file(message) {
        return Some(What::File { file, caption });
    }
    if let Some(contact) = message.contact.as_deref().filter(|contact| contact.user_id == Some(from.id)) {
        return Some(What::Phone(contact.phone_number.clone()));
    }
    placeholder(typed, language).map(What::Text)
}

fn largest(sizes: &[PhotoSize]) -> Option<&PhotoSize> {
    sizes.iter().max_by_key(|size| u64::from(size.width) * u64::from(size.height))
}

fn file(message: &Message) -> Option<File> {
    let file = |id: &str, name: &Option<String>, media_type: &Option<String>, size| File {
        id: id.to_owned(),
        name: name.clone(),
        media_type: media_type.clone(),
        size,
    };
    if let Some(it) = &message.document {
        return Some(file(&it.file_id, &it.file_name, &it.mime_type, it.file_size));
    }
    if let Some(it) = &message.voice {
        return Some(file(&it.file_id, &None, &it.mime_type, it.file_size));
    }
    if let Some(it) = &message.video {
        return Some(file(&it.file_id, &it.file_name, &it.mime_type, it.file_size));
    }
    if let Some(it) = &message.video_note {
        return Some(file(&it.file_id, &None, &None, it.file_size));
    }
    if let Some(it) = &message.audio {
        return Some(file(&it.file_id, &it.file_name, &it.mime_type, it.file_size));
    }
    message.animation.as_ref().map(|it| file(&it.file_id, &it.file_name, &it.mime_type, it.file_size))
}

pub(super) fn full_name(first: &str, last: Option<&str>) -> String {
    match last {
        Some(last) => format!("{first} {last}"),
        None => first.to_owned(),
    }
}

/// The language of the customer's Telegram, where it is one of ours; an IETF tag such as `uz` or `ru-RU`.
fn spoken(tag: &str) -> Option<Language> {
    tag.split('-').next()?.to_lowercase().parse().ok()
}
