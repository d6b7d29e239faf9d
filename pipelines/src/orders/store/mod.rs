//! The tables of orders, menus and places.

pub(super) mod bulk;
pub(super) mod menu;
pub(super) mod orders;
pub(super) mod reference;
