//! What a customer has agreed to, said where and until when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CustomerError, store};
use crate::events::{CustomerId, EventBody, UnknownWord, words};
use crate::platform::store::Store;
use crate::workforce::{Actor, Right, audit};

crate::id!(
    /// One agreement.
    ConsentId
);
words!(
    /// What personal data may be used for. `Training`: to improve the models.
    Purpose { Service = "service", Marketing = "marketing", Training = "training", Recording = "recording" }
);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Consent {
    pub id: ConsentId,
    pub purpose: Purpose,
    /// Where it was given: a channel, a form, an import.
    pub source: String,
    pub given_at: Timestamp,
    pub withdrawn_at: Option<Timestamp>,
}

/// Records that the customer agreed. One that stands for the purpose is given back as it is.
pub async fn give_consent(
    store: &Store,
    actor: &Actor,
    customer: CustomerId,
    purpose: Purpose,
    source: &str,
) -> Result<Consent, CustomerError> {
    actor.require(Right::ChangeCustomers)?;
    let source = source.trim();
    if !(1..=100).contains(&source.chars().count()) {
        return Err(CustomerError::Invalid("say in 1 to 100 characters where the consent was given"));
    }
    let mut change = store.begin().await?;
    if !store::consents::lock_customer(&mut change, customer).await? {
        return Err(CustomerError::NotFound);
    }
    if let Some(standing) = store::consents::standing(&mut change, customer, purpose).await? {
        return Ok(standing);
    }
    let consent = Consent {
        id: ConsentId::new(change.clock()),
        purpose,
        source: source.to_owned(),
        given_at: change.at(),
        withdrawn_at: None,
    };
    store::consents::insert(&mut change, customer, &consent).await?;
    change.append_to_customer(customer, Some(actor.id), EventBody::CustomerChanged { identity_id: None });
    let entry = audit::Entry::by(actor, audit::Action::ConsentGiven)
        .of(audit::ObjectKind::Customer, customer.0)
        .with("purpose", purpose.as_str());
    audit::write(&mut change, entry).await?;
    actor.commit(change).await?;
    Ok(consent)
}

/// Records that the customer took an agreement back. It stays to be seen, with its end.
pub async fn withdraw_consent(
    store: &Store,
    actor: &Actor,
    customer: CustomerId,
    purpose: Purpose,
) -> Result<(), CustomerError> {
    actor.require(Right::ChangeCustomers)?;
    let mut change = store.begin().await?;
    if !store::consents::withdraw(&mut change, customer, purpose).await? {
        return Err(CustomerError::NotFound);
    }
    change.append_to_customer(customer, Some(actor.id), EventBody::CustomerChanged { identity_id: None });
    let entry = audit::Entry::by(actor, audit::Action::ConsentWithdrawn)
        .of(audit::ObjectKind::Customer, customer.0)
        .with("purpose", purpose.as_str());
    audit::write(&mut change, entry).await?;
    Ok(actor.commit(change).await?)
}
