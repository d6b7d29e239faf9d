//! Who serves whom next.

mod next;
mod store;

pub use next::take_next;
