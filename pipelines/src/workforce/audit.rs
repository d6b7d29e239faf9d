//! What was done by whom. Written in the change that it speaks of; holds no text of customers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Actor, store};
use crate::events::{OperatorId, UnknownWord, words};
use crate::platform::store::{Change, StoreError};

words!(
    /// What can be done that somebody may ask about later.
    Action {
        SessionOpened = "session.opened",
        SessionRefused = "session.refused",
        SessionClosed = "session.closed",
        PresenceChanged = "presence.changed",
        OperatorCreated = "operator.created",
        OperatorChanged = "operator.changed",
        CardRead = "customer.card_read",
        CustomersSearched = "customer.searched",
        PhoneRevealed = "customer.phone_revealed",
        CustomersLinked = "customer.linked",
        LinkEnded = "customer.link_ended",
        ConsentGiven = "consent.given",
        ConsentWithdrawn = "consent.withdrawn",
        TemplateCreated = "template.created",
        TemplateChanged = "template.changed",
        TemplateRemoved = "template.removed",
        AccountCreated = "account.created",
        AccountChanged = "account.changed",
    }
);
words!(
    /// What it was done to.
    ObjectKind {
        Operator = "operator", Customer = "customer", Identity = "identity", Link = "customer_link",
        Consent = "consent", Template = "template", Account = "channel_account", Login = "login",
    }
);

/// An entry to be written.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) operator: Option<OperatorId>,
    pub(super) action: Action,
    pub(super) object: Option<(ObjectKind, String)>,
    pub(super) detail: Map<String, Value>,
    pub(super) request_id: Option<String>,
}

impl Entry {
    pub fn by(actor: &Actor, action: Action) -> Self {
        Self { operator: Some(actor.id), request_id: actor.request_id.clone(), ..Self::by_nobody(action) }
    }

    /// What nobody who is signed in did: a refused sign-in.
    pub fn by_nobody(action: Action) -> Self {
        Self { operator: None, action, object: None, detail: Map::new(), request_id: None }
    }

    pub fn of(self, kind: ObjectKind, id: Uuid) -> Self {
        Self { object: Some((kind, id.to_string())), ..self }
    }

    /// A word or number that explains the entry; never what a customer wrote.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }
}

/// Writes `entry` with the change.
pub async fn write(change: &mut Change, entry: Entry) -> Result<(), StoreError> {
    store::audit::write(change, entry).await
}
