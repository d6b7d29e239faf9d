//! The stage that reads: each message of a customer, and the contact so far.

use std::time::Instant;

use models::reading::ReadingModel;

use super::contact::{Fresh, refresh};
use super::store::{self, Made};
use super::suggestions;
use crate::conversations::steps::{self, LifeError};
use crate::events::{Author, ContactId, CustomerId, Event, EventBody, InsightId, MessageId, MessageKind};
use crate::platform::stage::{Stage, StageError, StageName};
use crate::platform::store::Store;

/// Reads what customers wrote or said. The model is asked with no transaction open; calls in flight merge into batches.
#[derive(Clone, Debug)]
pub struct Classify {
    store: Store,
    reader: ReadingModel,
}

impl Classify {
    pub fn new(store: Store, reader: ReadingModel) -> Self {
        Self { store, reader }
    }

    async fn read(&self, customer: CustomerId, contact: ContactId, message: MessageId) -> Result<(), StageError> {
        let Some(text) = store::text_of(self.store.pool(), customer, message).await? else { return Ok(()) };
        let began = Instant::now();
        // With messages in arrears it was read before, as a turn of its talk.
        let readings = self.reader.read_again(&[text.text]).await.map_err(StageError::retry)?;
        let reading = readings.into_iter().next().ok_or_else(|| StageError::retry("the model gave no answer"))?;
        let said = store::talk_of(self.store.pool(), customer, contact).await?;
        let talk = self.reader.read_talk(&said.turns).await.map_err(StageError::retry)?;
        let fresh = talk.map(|talk| Fresh { matter: talk.whole, as_of_seq: said.as_of_seq });
        let latency_us = i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX);
        let made = Made { as_of_seq: text.as_of_seq, model: self.reader.model(), reading: &reading, latency_us };
        self.keep(customer, contact, message, &made, fresh.as_ref()).await.map_err(|error| match error {
            LifeError::NotFound => StageError::discard("the contact no longer exists"),
            other => StageError::retry(other),
        })?;
        // also where the reading was there already: the process may have ended between the two
        suggestions::propose(&self.store, customer, contact).await.map_err(StageError::retry)
    }

    /// Stores the reading of the message and, from all readings of the contact and what the model says of the talk, that
    /// of the contact so far.
    ///
    /// The contact is locked meanwhile: readings of its messages that are made at the same time all count, in
    /// whatever order they end. A reading of an older text never replaces that of a newer one.
    async fn keep(
        &self,
        customer: CustomerId,
        contact: ContactId,
        message: MessageId,
        made: &Made<'_>,
        fresh: Option<&Fresh>,
    ) -> Result<(), LifeError> {
        let mut change = self.store.begin().await?;
        steps::lock(&mut change, contact).await?;
        let id = InsightId::new(change.clock());
        let Some(id) = store::put(&mut change, customer, contact, Some(message), id, made).await? else {
            return Ok(());
        };
        let body = EventBody::InsightReady { insight_id: id, message_id: Some(message), as_of_seq: made.as_of_seq };
        change.append(customer, contact, None, body).await?;
        refresh(&mut change, customer, contact, made, fresh).await?;
        change.commit().await?;
        Ok(())
    }
}

impl Stage for Classify {
    const NAME: StageName = StageName::new("classify");

    fn wants(body: &EventBody) -> bool {
        match body {
            EventBody::MessageReceived { author, kind, .. } => {
                *author == Author::Customer && *kind != MessageKind::Phone
            }
            EventBody::MessageEdited { .. } => true,
            _ => false,
        }
    }

    async fn run(&self, event: &Event) -> Result<(), StageError> {
        let (EventBody::MessageReceived { message_id, .. } | EventBody::MessageEdited { message_id }) = &event.body
        else {
            return Ok(());
        };
        let Some(contact) = event.contact_id else { return Ok(()) };
        self.read(event.customer_id, contact, *message_id).await
    }
}
