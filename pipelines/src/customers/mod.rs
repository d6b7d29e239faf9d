//! Who the customers are and how we know that two keys mean one person.

mod country;
mod identity;
mod phone;
mod resolve;
mod store;

pub use country::Country;
pub use identity::{IdentityError, IdentityId, IdentityKey, IdentityKind};
pub use phone::{Phone, PhoneError};
pub use resolve::{Linked, NewCustomer, link_phone, resolve};

/// How names are compared when people search: small letters, `ё` as `е`.
pub(crate) fn fold(name: &str) -> String {
    name.trim().to_lowercase().replace('ё', "е")
}
