//! Many customers at once, for imports and generators.

use jiff::Timestamp;
use models::taxonomy::Language;

use super::{Country, IdentityId, IdentityKey, Phone, resolve::tidy_name, store};
use crate::events::CustomerId;
use crate::orders::CityId;
use crate::platform::store::{Change, StoreError};

/// A customer as another system knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownCustomer {
    /// The key by which they are known, and known again when the file comes a second time.
    pub key: IdentityKey,
    /// Their phone, where it is not the key.
    pub phone: Option<Phone>,
    pub name: Option<String>,
    pub language: Option<Language>,
    pub country: Option<Country>,
    pub city: Option<CityId>,
    /// Since when; none: from now on.
    pub since: Option<Timestamp>,
}

/// Finds or makes the customers of `known`, in its order: a few statements, however many there are. What is given
/// replaces what stood; what is none leaves it. A phone that is another customer's links the two. No events: what is
/// put here in bulk is history.
pub async fn put_customers(change: &mut Change, known: &[KnownCustomer]) -> Result<Vec<CustomerId>, StoreError> {
    let known: Vec<KnownCustomer> = known
        .iter()
        .map(|one| KnownCustomer { name: one.name.as_deref().and_then(tidy_name), ..one.clone() })
        .collect();
    let claims: Vec<store::bulk::Claim> = known
        .iter()
        .map(|one| store::bulk::Claim {
            key: one.key.clone(),
            customer: CustomerId::new(change.clock()),
            id: IdentityId::new(change.clock()),
        })
        .collect();
    let customers = store::bulk::claim(change, &claims).await?;
    store::bulk::put(change, &customers, &known).await?;
    let phones: Vec<store::bulk::Claim> = known
        .iter()
        .zip(&customers)
        .filter_map(|(one, customer)| {
            let key = IdentityKey::phone(one.phone.as_ref()?);
            Some(store::bulk::Claim { key, customer: *customer, id: IdentityId::new(change.clock()) })
        })
        .collect();
    let owners = store::bulk::claim(change, &phones).await?;
    let shared: Vec<(CustomerId, CustomerId)> = phones
        .iter()
        .zip(owners)
        .filter_map(|(claim, owner)| (claim.customer != owner).then_some((claim.customer, owner)))
        .collect();
    store::bulk::link(change, &shared).await?;
    Ok(customers)
}
