//! The tables of customers, their keys and links.

mod keys;

pub(super) use keys::{LinkByPhone, claim, complete, insert, link_by_phone};
