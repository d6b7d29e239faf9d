//! What the operator's page is told while it is open: streams of frames over a WebSocket.
//!
//! A contact's stream carries the contact's own gap-free `seq` and goes on after a cut from any `seq`.
//! The stream `me` (what lies on this operator's desk) holds states, not steps: it is numbered anew with each
//! connection and begins with the whole, so a page that missed something asks for the whole again.

mod alerts;
mod build;
mod command;
mod connection;
mod frame;
mod hub;
mod replay;
mod socket;
mod viewers;

pub use alerts::{as_seen, of_alerts};
pub use command::Command;
pub use frame::{Frame, FrameBody};
pub use hub::{Hub, Push};
pub use replay::{kept_since, since};
pub use socket::live;
