//! Two customers are one person: said, and taken back, without moving a row.

use serde::{Deserialize, Serialize};

use super::{CustomerError, store};
use crate::events::{CustomerId, EventBody};
use crate::platform::store::{Store, StoreError};
use crate::workforce::{Actor, Right, audit};

crate::id!(
    /// The statement that two customers are one person.
    LinkId
);

/// Another customer who is the same person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardLink {
    /// The link by which they were reached: what to end when it is wrong.
    pub id: LinkId,
    pub customer_id: CustomerId,
    pub name: Option<String>,
}

/// Most customers that are followed as one person: a number shared by a whole office must not make a card without end.
const MOST: i64 = 50;

/// Says that two customers are one person. Saying it again gives the link that stands.
pub async fn link(
    store: &Store,
    actor: &Actor,
    customer: CustomerId,
    other: CustomerId,
    reason: &str,
) -> Result<LinkId, CustomerError> {
    actor.require(Right::ChangeCustomers)?;
    let reason = reason.trim();
    if !(1..=200).contains(&reason.chars().count()) {
        return Err(CustomerError::Invalid("give a reason of 1 to 200 characters"));
    }
    if customer == other {
        return Err(CustomerError::Invalid("these are the same customer; choose another"));
    }
    let mut change = store.begin().await?;
    if !store::links::both_exist(&mut change, customer, other).await? {
        return Err(CustomerError::NotFound);
    }
    let id = LinkId::new(change.clock());
    let made = store::links::make(&mut change, id, customer, other, reason, Some(actor.id)).await?;
    if made == id {
        for whose in [customer, other] {
            change.append_to_customer(whose, Some(actor.id), EventBody::CustomerChanged { identity_id: None });
        }
        let entry = audit::Entry::by(actor, audit::Action::CustomersLinked)
            .of(audit::ObjectKind::Customer, customer.0)
            .with("linked_id", other.to_string())
            .with("link_id", id.to_string());
        audit::write(&mut change, entry).await?;
    }
    actor.commit(change).await?;
    Ok(made)
}

/// Takes a link back that stands on the card of `customer`. The machine does not make it again.
pub async fn end_link(store: &Store, actor: &Actor, customer: CustomerId, id: LinkId) -> Result<(), CustomerError> {
    actor.require(Right::ChangeCustomers)?;
    let person = person(store, customer).await?;
    let mut change = store.begin().await?;
    let ended = store::links::end(&mut change, &person, id, actor.id).await?.ok_or(CustomerError::NotFound)?;
    for whose in [ended.0, ended.1] {
        change.append_to_customer(whose, Some(actor.id), EventBody::CustomerChanged { identity_id: None });
    }
    let entry = audit::Entry::by(actor, audit::Action::LinkEnded)
        .of(audit::ObjectKind::Customer, customer.0)
        .with("link_id", id.to_string());
    audit::write(&mut change, entry).await?;
    Ok(actor.commit(change).await?)
}

/// The customer and all who are linked to them, directly or through others, in both directions; themselves first.
pub(crate) async fn person(store: &Store, customer: CustomerId) -> Result<Vec<CustomerId>, StoreError> {
    let links = links_of(store, customer).await?;
    Ok(std::iter::once(customer).chain(links.into_iter().map(|link| link.customer_id)).collect())
}

pub(super) async fn links_of(store: &Store, customer: CustomerId) -> Result<Vec<CardLink>, StoreError> {
    store::links::of(store.pool(), customer, MOST).await
}
