//! What a channel hands over, the same whichever channel it is. Parsed at the edge: what is here fits the database.

use std::fmt;

use jiff::Timestamp;
use models::taxonomy::{Language, Speaker};

use super::Account;
use crate::customers::{Country, IdentityKey, Phone};

/// Longest text of one message in Unicode scalar values; five of Telegram's longest.
pub const MAX_TEXT: usize = 20_000;
/// Largest file that is kept, in bytes: what Telegram's servers hand to a bot.
pub const MAX_FILE: u64 = 20 * 1024 * 1024;

/// Something that a customer sent, or that was said in a call.
#[derive(Clone, Debug)]
pub struct Inbound {
    pub account: Account,
    /// The channel's own id of what came: the same thing delivered again bears the same id.
    /// An edit bears another one than the message that it changes.
    pub external_id: ExternalId,
    pub from: Sender,
    pub thread: Thread,
    /// When the channel says that it was written.
    pub at: Timestamp,
    pub content: Content,
}

/// Who it came from, as far as the channel knows.
#[derive(Clone, Debug)]
pub struct Sender {
    pub identity: IdentityKey,
    pub name: Option<String>,
    /// A number that the channel vouches for; becomes one of the customer's.
    pub phone: Option<Phone>,
    pub language: Option<Language>,
    pub country: Option<Country>,
}

/// What came.
#[derive(Clone, Debug)]
pub enum Content {
    Text(Text),
    Photo {
        file: FileRef,
        caption: Option<Text>,
    },
    File {
        file: FileRef,
        caption: Option<Text>,
    },
    /// A file whose bytes came along.
    Uploaded {
        file: Upload,
        caption: Option<Text>,
    },
    /// The customer shared their own number. (Somebody else's number is a text.)
    Phone(Phone),
    /// The author replaced the text of the message that `of` names.
    Edit {
        of: ExternalId,
        text: Text,
    },
    /// A final piece of a call's transcript.
    Segment(Segment),
}

/// A final piece of a call's transcript; times count from the beginning of the call.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    pub speaker: Speaker,
    pub text: Text,
    pub start_ms: u32,
    pub end_ms: u32,
}

/// A file that stays at the channel until it is fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRef {
    /// The channel's id of the file.
    pub source: String,
    pub name: Option<String>,
    pub media_type: MediaType,
    /// In bytes, as the channel says; 0 where it does not.
    pub size: u64,
}

/// A file with its bytes, at most [`MAX_FILE`].
#[derive(Clone, PartialEq)]
pub struct Upload {
    pub name: Option<String>,
    pub media_type: MediaType,
    pub bytes: bytes::Bytes,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({}, {} bytes)", self.media_type.0, self.bytes.len())
    }
}

/// Why something that came is not taken. Nothing of what was written is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InboundError {
    #[error("the text is empty; send at least one visible character")]
    Empty,
    #[error("the text has more than {MAX_TEXT} characters; send it in parts")]
    TooLong,
    #[error("the file is larger than 20 MB; send a smaller one")]
    FileTooLarge,
    #[error("an id of the channel must have 1 to {0} characters, none of them control characters")]
    Id(usize),
}

/// A text as a person wrote it: trimmed, not empty, at most [`MAX_TEXT`] scalar values, without the characters that
/// neither PostgreSQL nor a screen can show. `Debug` tells its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    pub fn new(text: &str) -> Result<Self, InboundError> {
        let visible = |c: char| !c.is_control() || c == '\n' || c == '\t';
        let text: String = text.replace("\r\n", "\n").chars().filter(|c| visible(*c)).collect();
        let text = text.trim();
        match text.chars().count() {
            0 => Err(InboundError::Empty),
            count if count > MAX_TEXT => Err(InboundError::TooLong),
            _ => Ok(Self(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

/// Type and subtype of a file (RFC 6838, section 4.2); anything else counts as unknown bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType(String);

impl MediaType {
    pub fn new(text: &str) -> Self {
        let text = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let token = |part: &str| {
            (1..=64).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        match text.split_once('/') {
            Some((kind, subtype)) if token(kind) && token(subtype) => Self(text),
            _ => Self("application/octet-stream".to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Defines an id that a channel gives: bounded, printable.
macro_rules! outer_id {
    ($(#[$doc:meta])* $name:ident, $longest:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            pub fn new(text: impl Into<String>) -> Result<Self, InboundError> {
                let text = text.into();
                let fits = (1..=$longest).contains(&text.chars().count()) && !text.chars().any(char::is_control);
                fits.then_some(Self(text)).ok_or(InboundError::Id($longest))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

outer_id!(
    /// The channel's own id of a message, an update or an event; unique within its account.
    ExternalId,
    200
);
outer_id!(
    /// The channel's own id of a talk: a chat, a visitor, a call.
    Thread,
    128
);

/// A file's name without folders and control characters, at most 200 characters.
pub(super) fn tidy_file_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let tidy: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    let tidy = tidy.trim();
    (!tidy.is_empty()).then(|| tidy.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_what_can_be_stored() {
        assert_eq!(Text::new(" Где\u{0} заказ?\r\n").unwrap().as_str(), "Где заказ?");
        assert_eq!(Text::new("\u{0}\n "), Err(InboundError::Empty));
        assert!(Text::new(&"ў".repeat(MAX_TEXT)).is_ok());
        assert_eq!(Text::new(&"ў".repeat(MAX_TEXT + 1)), Err(InboundError::TooLong));
        assert_eq!(format!("{:?}", Text::new("secret").unwrap()), "Text(6 bytes)");
    }

    #[test]
    fn a_media_type_that_is_none_becomes_bytes() {
        assert_eq!(MediaType::new("Image/JPEG; q=1").as_str(), "image/jpeg");
        for odd in ["", "image", "a/b\r\nSet-Cookie: x", "text/<html>"] {
            assert_eq!(MediaType::new(odd).as_str(), "application/octet-stream");
        }
    }

    #[test]
    fn a_file_name_has_no_folders() {
        assert_eq!(tidy_file_name("../../etc/чек\u{7}.pdf").as_deref(), Some("чек.pdf"));
        assert_eq!(tidy_file_name("C:\\tmp\\"), None);
    }

    #[test]
    fn ids_are_bounded() {
        assert!(ExternalId::new("msg:1").is_ok());
        assert_eq!(ExternalId::new(""), Err(InboundError::Id(200)));
        assert_eq!(Thread::new("x".repeat(129)), Err(InboundError::Id(128)));
        assert_eq!(Thread::new("a\0b"), Err(InboundError::Id(128)));
    }
}
