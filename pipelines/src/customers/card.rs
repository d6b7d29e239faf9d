//! The customer on one screen: what an operator wants to know before the first word.

use jiff::{SignedDuration, Timestamp};
use models::summary::TextAuthor;
use models::taxonomy::{Language, Outcome, Topic};
use serde::{Deserialize, Serialize};

use super::links::{self, CardLink};
use super::{Consent, CustomerError, IdentityId, IdentityKind, store};
use crate::events::{Channel, ContactId, ContactState, CustomerId};
use crate::orders::{OrderStatus, OrderSummary, latest_orders};
use crate::platform::store::Store;
use crate::summaries;
use crate::workforce::{Actor, Right, audit};

/// Everything about one person, those who are linked to them included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Card {
    pub customer_id: CustomerId,
    pub name: Option<String>,
    pub language: Option<Language>,
    /// When they first reached us.
    pub since: Timestamp,
    pub city: Option<String>,
    pub phones: Vec<CardPhone>,
    pub accounts: Vec<CardAccount>,
    pub consents: Vec<Consent>,
    /// The latest ten.
    pub orders: Vec<OrderSummary>,
    pub orders_total: u32,
    /// The latest that is neither delivered nor cancelled.
    pub open_order: Option<OrderSummary>,
    /// The latest twenty.
    pub contacts: Vec<CardContact>,
    pub contacts_30_days: u32,
    /// The latest three.
    pub summaries: Vec<CardSummary>,
    pub links: Vec<CardLink>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardPhone {
    pub id: IdentityId,
    /// `+7 900 •••-05-63`
    pub masked: String,
}

/// A way of reaching us other than by phone. The label is enough to tell two apart, not to find them elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardAccount {
    pub id: IdentityId,
    pub kind: IdentityKind,
    pub label: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardContact {
    pub id: ContactId,
    pub channel: Channel,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub state: ContactState,
    pub topic: Option<Topic>,
    pub outcome: Option<Outcome>,
}

/// What a contact came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CardSummary {
    pub contact_id: ContactId,
    pub at: Timestamp,
    /// The main one; none: there was no matter.
    pub topic: Option<Topic>,
    pub outcome: Outcome,
    pub text: String,
    /// Who wrote the text before anybody edited it.
    pub author: TextAuthor,
}

const ORDERS: i64 = 10;
const CONTACTS: i64 = 20;
const SUMMARIES: i64 = 3;

/// Reads a card. Eleven queries at most, however much there is; the reading is audited.
pub async fn card(store: &Store, actor: &Actor, customer: CustomerId) -> Result<Card, CustomerError> {
    actor.require(Right::ReadCards)?;
    let links = links::links_of(store, customer).await?;
    let person: Vec<CustomerId> = std::iter::once(customer).chain(links.iter().map(|link| link.customer_id)).collect();
    let who = store::card::who(store.pool(), customer, &person).await?.ok_or(CustomerError::NotFound)?;
    let (phones, accounts) = store::card::identities(store.pool(), &person).await?;
    let month_ago = store.clock().now().saturating_sub(SignedDuration::from_hours(30 * 24)).unwrap_or(who.since);
    let (orders, orders_total) = latest_orders(store, &person, ORDERS).await?;
    let open = |order: &&OrderSummary| !matches!(order.status, OrderStatus::Delivered | OrderStatus::Cancelled);
    let card = Card {
        customer_id: customer,
        name: who.name,
        language: who.language,
        since: who.since,
        city: who.city,
        phones,
        accounts,
        consents: store::consents::of(store.pool(), &person).await?,
        open_order: orders.iter().find(open).cloned(),
        orders,
        orders_total,
        contacts: store::card::contacts(store.pool(), &person, CONTACTS).await?,
        contacts_30_days: store::card::contacts_since(store.pool(), &person, month_ago).await?,
        summaries: summaries::store::read::of_person(store.pool(), &person, SUMMARIES).await?,
        links,
    };
    let mut change = store.begin().await?;
    audit::write(
        &mut change,
        audit::Entry::by(actor, audit::Action::CardRead).of(audit::ObjectKind::Customer, customer.0),
    )
    .await?;
    actor.commit(change).await?;
    Ok(card)
}

/// The whole number of a phone on the card of `customer`. Audited before it is given.
pub async fn reveal_phone(
    store: &Store,
    actor: &Actor,
    customer: CustomerId,
    phone: IdentityId,
) -> Result<super::Phone, CustomerError> {
    actor.require(Right::RevealPhones)?;
    let person = links::person(store, customer).await?;
    let number = store::card::phone(store.pool(), &person, phone).await?.ok_or(CustomerError::NotFound)?;
    let mut change = store.begin().await?;
    let entry = audit::Entry::by(actor, audit::Action::PhoneRevealed)
        .of(audit::ObjectKind::Customer, customer.0)
        .with("identity_id", phone.to_string());
    audit::write(&mut change, entry).await?;
    actor.commit(change).await?;
    Ok(number)
}
