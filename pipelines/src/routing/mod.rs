//! Who serves whom next.

mod next;
mod offers;
mod store;

pub use next::take_next;
pub use offers::{OFFER_LASTS, return_lapsed};
