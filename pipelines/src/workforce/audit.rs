//! What was done by whom. Written in the change that it speaks of; holds no text of customers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Actor, Right, WorkforceError, store};
use crate::events::{OperatorId, UnknownWord, words};
use crate::platform::page::{Limit, Page};
use crate::platform::store::{Change, Store, StoreError};

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
        SummaryRead = "summary.read",
        TrendsExported = "trends.exported",
        AlertAcknowledged = "alert.acknowledged",
        AlertCommented = "alert.commented",
        AlertMuted = "alert.muted",
        AlertUnmuted = "alert.unmuted",
        AlertJudged = "alert.judged",
        HolidayAdded = "holiday.added",
        HolidayRemoved = "holiday.removed",
        HolidayUndone = "holiday.undone",
    }
);
words!(
    /// What it was done to.
    ObjectKind {
        Operator = "operator", Customer = "customer", Identity = "identity", Link = "customer_link",
        Consent = "consent", Template = "template", Account = "channel_account", Login = "login", Contact = "contact",
        Alert = "alert", Holiday = "holiday",
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

/// An entry as it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Record {
    pub id: Uuid,
    pub at: Timestamp,
    pub operator: Option<NamedOperator>,
    /// One of [`Action`], or a word of a newer version.
    pub action: String,
    pub object_kind: Option<String>,
    pub object_id: Option<String>,
    #[schema(value_type = Object)]
    pub detail: Value,
    pub request_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedOperator {
    pub id: OperatorId,
    pub name: String,
}

/// What to look for; none: everything.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub operator: Option<OperatorId>,
    pub action: Option<Action>,
    pub object: Option<(ObjectKind, String)>,
}

/// What was done, latest first. The cursor is the id of the last record before the page.
pub async fn records(
    store: &Store,
    actor: &Actor,
    filter: Filter,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Page<Record>, WorkforceError> {
    actor.require(Right::ReadAudit)?;
    let rows = store::audit::read(store.pool(), &filter, before, limit.one_more()).await?;
    Ok(Page::of(rows, limit, |record| record.id.to_string()))
}

/// Writes `entry` with the change.
pub async fn write(change: &mut Change, entry: Entry) -> Result<(), StoreError> {
    store::audit::write(change, entry).await
}
