//! Telegram's Bot API: updates in by webhook or long polling, answers and files out.

pub mod bot;
mod deliver;
mod fetch;
mod inbound;
mod pace;
mod placeholder;
mod polling;
pub mod split;
pub mod update;
mod webhook;

pub use deliver::Deliver;
pub use fetch::Fetch;
pub use polling::poll;
pub use webhook::webhook;
