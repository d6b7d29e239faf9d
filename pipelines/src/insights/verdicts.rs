//! What a person did with what a model said: the training data of tomorrow.

use models::reading::Reading;
use models::taxonomy::{Language, Sentiment, Topic, Urgency};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::contact::refresh;
use super::store::{self, Judged, Made, NewVerdict};
use crate::conversations::steps::{self, LifeError};
use crate::conversations::store::life::Locked;
use crate::conversations::store::lists;
use crate::events::{
    ContactId, CustomerId, EventBody, InsightId, OperatorId, SuggestionId, UnknownWord, VerdictId, words,
};
use crate::platform::store::{Change, Store, StoreError};
use crate::workforce::{Actor, Forbidden, Right};

/// What a person says of an insight or a suggestion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum VerdictInput {
    /// The model was wrong in one field.
    Correct {
        insight_id: InsightId,
        #[serde(flatten)]
        correction: Correction,
    },
    /// What became of a suggestion.
    Suggested { suggestion_id: SuggestionId, act: Act },
}

/// The right value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum Correction {
    Topic(Topic),
    Sentiment(Sentiment),
    Urgency(Urgency),
    Language(Language),
}

words!(
    /// What was done with a suggestion.
    Act { Used = "used", Edited = "edited", Dismissed = "dismissed" }
);

/// Why a verdict was not taken.
#[derive(Debug, thiserror::Error)]
pub enum VerdictError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("there is no such contact, insight or suggestion")]
    NotFound,
}

impl From<LifeError> for VerdictError {
    fn from(error: LifeError) -> Self {
        match error {
            LifeError::Store(error) => Self::Store(error),
            _ => Self::NotFound,
        }
    }
}

/// Stores a verdict. A corrected label shows at once and is not overwritten by later readings.
pub async fn give(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    input: &VerdictInput,
) -> Result<VerdictId, VerdictError> {
    actor.require(Right::Judge)?;
    let mut change = store.begin().await?;
    let locked = steps::lock(&mut change, contact).await?;
    if !lists::sees(change.conn(), actor, contact).await? {
        return Err(VerdictError::NotFound);
    }
    let id = match input {
        VerdictInput::Correct { insight_id, correction } => {
            let insight = store::insight(change.conn(), locked.customer, contact, Some(*insight_id)).await?;
            let insight = insight.ok_or(VerdictError::NotFound)?;
            correct(&mut change, locked.customer, contact, actor.id, &insight, *correction).await?
        }
        VerdictInput::Suggested { suggestion_id, act } => {
            judge(&mut change, &locked, actor.id, *suggestion_id, *act).await?.ok_or(VerdictError::NotFound)?
        }
    };
    actor.commit(change).await?;
    Ok(id)
}

/// The topic that a person chose when closing; a verdict only where the model said another.
pub async fn correct_topic(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    operator: OperatorId,
    topic: Topic,
) -> Result<(), StoreError> {
    let Some(insight) = store::insight(change.conn(), customer, contact, None).await? else {
        return store::show_topic(change.conn(), customer, contact, topic).await;
    };
    let correction = Correction::Topic(topic);
    if said(&insight, correction)? != correction.value() {
        correct(change, customer, contact, operator, &insight, correction).await?;
    }
    Ok(())
}

/// A reply was made from a suggestion: used as it was, or edited.
pub(crate) async fn use_suggestion(
    change: &mut Change,
    contact: &Locked,
    operator: OperatorId,
    suggestion: SuggestionId,
    sent: &str,
) -> Result<(), StoreError> {
    let text = store::suggestion_text(change.conn(), contact.customer, contact.contact, suggestion).await?;
    let Some(text) = text else { return Ok(()) };
    let act = if text.trim() == sent.trim() { Act::Used } else { Act::Edited };
    judge(change, contact, operator, suggestion, act).await?;
    Ok(())
}

async fn correct(
    change: &mut Change,
    customer: CustomerId,
    contact: ContactId,
    operator: OperatorId,
    insight: &Judged,
    correction: Correction,
) -> Result<VerdictId, StoreError> {
    let id = VerdictId::new(change.clock());
    let (field, value) = (correction.field(), correction.value());
    store::correct(change.conn(), customer, insight.id, field, &value).await?;
    let verdict = NewVerdict {
        id,
        insight: Some(insight.id),
        suggestion: None,
        field: Some(field),
        said: json!({"v": 1, "value": said(insight, correction)?, "as_of_seq": insight.as_of_seq}),
        act: "corrected",
        corrected: Some(json!({"v": 1, "value": value})),
        operator,
    };
    store::put_verdict(change, customer, contact, &verdict).await?;
    let body = EventBody::VerdictGiven { verdict_id: id, insight_id: Some(insight.id), suggestion_id: None };
    change.append(customer, contact, Some(operator), body).await?;
    let (insight_id, as_of_seq) = (insight.id, insight.as_of_seq);
    let body = EventBody::InsightReady { insight_id, message_id: insight.message_id, as_of_seq };
    change.append(customer, contact, Some(operator), body).await?;
    if insight.message_id.is_some() {
        let reading: Reading = serde_json::from_value(insight.result.clone()).map_err(StoreError::Decode)?;
        let made = Made { as_of_seq, model: &insight.model, reading: &reading, latency_us: insight.latency_us };
        refresh(change, customer, contact, &made, None).await?;
    } else {
        store::show_contact(change.conn(), customer, contact).await?;
    }
    Ok(id)
}

/// Notes what became of a suggestion. The first word stands: the contact is locked, and who asks again gets it.
async fn judge(
    change: &mut Change,
    contact: &Locked,
    operator: OperatorId,
    suggestion: SuggestionId,
    act: Act,
) -> Result<Option<VerdictId>, StoreError> {
    let text = store::suggestion_text(change.conn(), contact.customer, contact.contact, suggestion).await?;
    if text.is_none() {
        return Ok(None);
    }
    if let Some(before) = store::verdict_on(change.conn(), contact.customer, contact.contact, suggestion).await? {
        return Ok(Some(before));
    }
    let id = VerdictId::new(change.clock());
    let verdict = NewVerdict {
        id,
        insight: None,
        suggestion: Some(suggestion),
        field: None,
        said: json!({"v": 1}),
        act: act.as_str(),
        corrected: None,
        operator,
    };
    store::put_verdict(change, contact.customer, contact.contact, &verdict).await?;
    let body = EventBody::VerdictGiven { verdict_id: id, insight_id: None, suggestion_id: Some(suggestion) };
    change.append(contact.customer, contact.contact, Some(operator), body).await?;
    Ok(Some(id))
}

/// What stood in the field before: an earlier correction, else the model's word.
fn said(insight: &Judged, correction: Correction) -> Result<Value, StoreError> {
    let field = correction.field();
    if let Some(earlier) = insight.corrected.get(field) {
        return Ok(earlier.clone());
    }
    let reading: Reading = serde_json::from_value(insight.result.clone()).map_err(StoreError::Decode)?;
    Ok(match correction {
        Correction::Topic(_) => json!(reading.topic()),
        Correction::Sentiment(_) => json!(reading.sentiment.value),
        Correction::Urgency(_) => json!(reading.urgency.value),
        Correction::Language(_) => json!(reading.language.value),
    })
}

impl Correction {
    fn field(self) -> &'static str {
        match self {
            Self::Topic(_) => "topic",
            Self::Sentiment(_) => "sentiment",
            Self::Urgency(_) => "urgency",
            Self::Language(_) => "language",
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Topic(value) => json!(value),
            Self::Sentiment(value) => json!(value),
            Self::Urgency(value) => json!(value),
            Self::Language(value) => json!(value),
        }
    }
}
