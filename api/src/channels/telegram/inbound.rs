//! What an update said, as every channel says it.

use jiff::Timestamp;
use metrics::counter;
use pipelines::conversations::{
    AcceptError, Account, Content, ExternalId, FileRef, Inbound, InboundError, MAX_TEXT, MediaType, Sender, Text,
    Thread, accept,
};
use pipelines::customers::{IdentityKey, Phone};
use pipelines::platform::store::Store;

use super::update::{File, Reading, Said, What};
use crate::channels::home_of;

/// What became of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Accepted,
    Ignored,
}

/// Accepts what an update said; counts what is nothing for us.
pub(super) async fn take(store: &Store, account: &Account, reading: Reading) -> Result<Taken, AcceptError> {
    let said = match reading {
        Reading::Said(said) => said,
        Reading::Ignored(why) => {
            counter!("okno_telegram_ignored_total", "why" => why.as_str()).increment(1);
            return Ok(Taken::Ignored);
        }
    };
    accept(store, inbound(account, &said)?).await?;
    Ok(Taken::Accepted)
}

fn inbound(account: &Account, said: &Said) -> Result<Inbound, InboundError> {
    let phone = match &said.what {
        What::Phone(number) => Phone::parse(number, home_of(account)).ok(),
        _ => None,
    };
    let content = match (&said.what, phone) {
        (What::Text(text), _) => Content::Text(fitting(text)?),
        (What::Edit { of, text }, _) => Content::Edit { of: ExternalId::new(of)?, text: fitting(text)? },
        (What::Photo { file, caption }, _) => {
            Content::Photo { file: file_ref(file), caption: caption.as_deref().and_then(|text| fitting(text).ok()) }
        }
        (What::File { file, caption }, _) => {
            Content::File { file: file_ref(file), caption: caption.as_deref().and_then(|text| fitting(text).ok()) }
        }
        (What::Phone(_), Some(phone)) => Content::Phone(phone),
        // a number that is none stays what it is: a text
        (What::Phone(number), None) => Content::Text(fitting(number)?),
    };
    Ok(Inbound {
        account: account.clone(),
        external_id: ExternalId::new(&said.external_id)?,
        from: Sender {
            identity: IdentityKey::telegram(said.user_id),
            name: Some(said.name.clone()).filter(|name| !name.is_empty()),
            phone: None,
            language: said.language,
            country: None,
        },
        thread: Thread::new(said.chat_id.to_string())?,
        at: Timestamp::from_second(said.date).unwrap_or(Timestamp::UNIX_EPOCH),
        content,
    })
}

/// Telegram's longest text is far below ours; a longer one is cut rather than lost.
fn fitting(text: &str) -> Result<Text, InboundError> {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => Text::new(&text[..end]),
        None => Text::new(text),
    }
}

fn file_ref(file: &File) -> FileRef {
    FileRef {
        source: file.id.clone(),
        name: file.name.clone(),
        media_type: MediaType::new(file.media_type.as_deref().unwrap_or_default()),
        size: file.size.unwrap_or(0),
    }
}
