//! From a key to its customer: found, or made once however many ask at the same time.

use models::taxonomy::Language;

use super::{Country, IdentityId, IdentityKey, Phone, store};
use crate::events::{CustomerId, EventBody};
use crate::orders::CityId;
use crate::platform::store::{Change, StoreError};

/// What a channel tells about somebody who has not written before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewCustomer {
    pub name: Option<String>,
    pub language: Option<Language>,
    pub country: Option<Country>,
    pub city: Option<CityId>,
}

/// The customer of `key`. Claims the key first, so that of many concurrent callers one makes the customer and the
/// others wait for its commit and get the same. A known customer without a name or language takes those of `new`.
pub async fn resolve(change: &mut Change, key: &IdentityKey, new: &NewCustomer) -> Result<CustomerId, StoreError> {
    let new = NewCustomer { name: new.name.as_deref().and_then(tidy_name), ..new.clone() };
    let customer = CustomerId::new(change.clock());
    let id = IdentityId::new(change.clock());
    let claim = store::keys::claim(change, key, customer, id).await?;
    if claim.fresh {
        store::keys::insert(change, claim.customer, &new).await?;
        change.append_to_customer(claim.customer, None, EventBody::CustomerChanged { identity_id: Some(id.0) });
    } else if new.name.is_some() || new.language.is_some() {
        store::keys::complete(change, claim.customer, &new).await?;
    }
    Ok(claim.customer)
}

/// What became of a phone that a customer gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// It is theirs now.
    Added,
    /// It was theirs before.
    Same,
    /// It is another customer's: the two are linked as one person.
    LinkedTo(CustomerId),
    /// It is another customer's, and a colleague has said before that the two are not one person.
    KeptApart(CustomerId),
}

/// Adds `phone` to `customer`, or links the customer to the one whose phone it is. A link that a person has ended is
/// not made again by the machine.
pub async fn link_phone(change: &mut Change, customer: CustomerId, phone: &Phone) -> Result<Linked, StoreError> {
    let id = IdentityId::new(change.clock());
    let claim = store::keys::claim(change, &IdentityKey::phone(phone), customer, id).await?;
    let linked = match claim.customer {
        _ if claim.fresh => Linked::Added,
        owner if owner == customer => return Ok(Linked::Same),
        owner => match store::keys::link_by_phone(change, customer, owner).await? {
            store::keys::LinkByPhone::Made => Linked::LinkedTo(owner),
            store::keys::LinkByPhone::Stood => return Ok(Linked::LinkedTo(owner)),
            store::keys::LinkByPhone::Ended => return Ok(Linked::KeptApart(owner)),
        },
    };
    let identity_id = claim.fresh.then_some(id.0);
    change.append_to_customer(customer, None, EventBody::CustomerChanged { identity_id });
    Ok(linked)
}

/// Names come from people: control characters and runs of space go, 100 characters stay, an empty one is none.
pub(super) fn tidy_name(name: &str) -> Option<String> {
    let words: Vec<&str> =
        name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let tidy: String = words.join(" ").chars().take(100).collect();
    (!tidy.is_empty()).then_some(tidy)
}
