//! Replies that are proposed to the operator: ready texts meant for what the customer writes about, filled with what is
//! known. Nothing is invented: a text with a value missing is not proposed, and each says what it rests on.

mod store;

use models::taxonomy::{Language, Topic};

use crate::conversations::steps::{self, LifeError};
use crate::conversations::templates::{TemplateError, fitting};
use crate::conversations::view::{Evidence, EvidenceKind};
use crate::events::{Channel, ContactId, CustomerId, EventBody, MessageId, SuggestionId};
use crate::platform::store::{Store, StoreError};

/// Most replies that are proposed at once.
const AT_MOST: usize = 3;
/// Characters of a message that name it as evidence.
const LABEL: usize = 80;

/// Why nothing was proposed although something might have been.
#[derive(Debug, thiserror::Error)]
pub(super) enum SuggestionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Life(#[from] LifeError),
}

/// Proposes replies for the contact as it is understood now. A template is proposed once in a contact, so what an
/// operator dismissed does not come back; where the contact has been read anew meanwhile, that reading proposes.
pub(super) async fn propose(store: &Store, customer: CustomerId, contact: ContactId) -> Result<(), SuggestionError> {
    let Some(matter) = store::matter(store.pool(), customer, contact).await? else { return Ok(()) };
    if matter.channel == Channel::Call {
        return Ok(());
    }
    let found = fitting(store, contact, matter.operator_name.as_deref(), matter.language, matter.topic).await?;
    if found.is_empty() {
        return Ok(());
    }
    let mut change = store.begin().await?;
    let locked = steps::lock(&mut change, contact).await?;
    if locked.place.is_over() || !store::still_reads(change.conn(), customer, contact, matter.as_of_seq).await? {
        return Ok(());
    }
    let ids: Vec<_> = found.iter().map(|fitting| fitting.template.id.0).collect();
    let before = store::proposed_before(change.conn(), customer, contact, &ids).await?;
    let fresh: Vec<_> =
        found.into_iter().filter(|fitting| !before.contains(&fitting.template.id.0)).take(AT_MOST).collect();
    for fitting in &fresh {
        let id = SuggestionId::new(change.clock());
        let label = matter.text.chars().take(LABEL).collect();
        let mut evidence = vec![
            Evidence { kind: EvidenceKind::Message, id: matter.message.0, label },
            Evidence { kind: EvidenceKind::Template, id: fitting.template.id.0, label: fitting.template.title.clone() },
        ];
        evidence.extend(fitting.order.as_ref().map(|order| Evidence {
            kind: EvidenceKind::Order,
            id: order.id.0,
            label: order.number.clone(),
        }));
        store::put(&mut change, customer, contact, id, &fitting.text, &evidence, matter.as_of_seq).await?;
        let body = EventBody::SuggestionReady { suggestion_id: id };
        change.append(customer, contact, None, body).await?;
    }
    if !fresh.is_empty() {
        change.commit().await?;
    }
    Ok(())
}

/// What the contact is about, for who is to answer.
struct Matter {
    channel: Channel,
    as_of_seq: i64,
    topic: Topic,
    language: Language,
    operator_name: Option<String>,
    /// The latest message that is about it.
    message: MessageId,
    text: String,
}
