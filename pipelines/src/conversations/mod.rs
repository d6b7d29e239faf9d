//! Talks with customers: what comes in, the life of a contact, what goes out, and how all of it is shown.

pub mod accept;
pub mod accounts;
pub mod attachments;
pub mod calls;
pub mod delivery;
pub mod desk;
pub mod inbound;
pub mod life;
pub mod marks;
mod media;
pub mod position;
pub mod reply;
pub mod steps;
pub(crate) mod store;
pub mod templates;
pub mod view;

pub use accept::{AcceptError, Accepted, accept};
pub use accounts::{Account, AccountId, AccountSettings};
pub use inbound::{
    Content, ExternalId, FileRef, Inbound, InboundError, MAX_FILE, MAX_TEXT, MediaType, Segment, Sender, Text, Thread,
    Upload,
};
pub use steps::LifeError;
