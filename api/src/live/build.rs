//! Events of contacts become the frames of their streams: one event, one frame, one `seq`.

use std::collections::{BTreeSet, HashMap};

use pipelines::{
    conversations::view::{self, ContactReading, ContactSummary, Message, Suggestion},
    events::{AlertId, ContactId, Event, EventBody, MessageId, SuggestionId},
    platform::store::{Store, StoreError},
    summaries::view::{SummaryView, summaries},
    trends::stream,
};

use super::frame::{
    Frame, FrameBody, InsightFrame, InsightReading, MessageFrame, ReadFrame, Skip, StateFrame, SuggestionFrame,
    VerdictFrame, VerdictSubject,
};

/// The frames of `events`, by contact, in the order of the events. Loads what they speak of in at most five queries.
///
/// A frame shows its subject as it stands now, which may already be later than its event: applying frames in order
/// ends in the present all the same. What no longer exists (erased) becomes a skip.
pub(super) async fn frames(store: &Store, events: &[Event]) -> Result<Vec<(ContactId, Vec<Frame>)>, StoreError> {
    let subjects = Subjects::load(store, events).await?;
    let mut order = Vec::new();
    let mut by_contact: HashMap<ContactId, Vec<Frame>> = HashMap::new();
    for event in events {
        let (Some(contact), Some(seq)) = (event.contact_id, event.seq) else { continue };
        let frames = by_contact.entry(contact).or_insert_with(|| {
            order.push(contact);
            Vec::new()
        });
        frames.push(Frame::of_contact(
            contact,
            seq,
            subjects.body(event, contact).unwrap_or(FrameBody::Skip(Skip { to: seq })),
        ));
    }
    Ok(order.into_iter().filter_map(|contact| Some((contact, by_contact.remove(&contact)?))).collect())
}

/// The frames of changed alerts among `events`, in their order: an alert stands under the number of its last change. One
/// that is there no longer becomes a reset: whoever holds it has to be told the whole anew.
pub(super) async fn alerts(store: &Store, events: &[Event]) -> Result<Vec<Frame>, StoreError> {
    let changes: Vec<(AlertId, i64)> = events
        .iter()
        .filter_map(|event| match event.body {
            EventBody::AlertChanged { alert_id, seq, .. } => Some((alert_id, seq)),
            _ => None,
        })
        .collect();
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<AlertId> = changes.iter().map(|(id, _)| *id).collect();
    let changed = by(stream::changed(store, &ids).await?, |alert| alert.id);
    let frame = |(id, seq)| match changed.get(&id) {
        Some(alert) if alert.seq == seq => Frame::of_alerts(seq, FrameBody::Alert(Box::new(alert.clone()))),
        Some(_) => Frame::of_alerts(seq, FrameBody::Skip(Skip { to: seq })),
        None => Frame::of_alerts(seq, FrameBody::Reset),
    };
    Ok(changes.into_iter().map(frame).collect())
}

/// What the events of one batch speak of.
struct Subjects {
    messages: HashMap<MessageId, Message>,
    readings: HashMap<ContactId, ContactReading>,
    contacts: HashMap<ContactId, ContactSummary>,
    summaries: HashMap<ContactId, SummaryView>,
    suggestions: HashMap<SuggestionId, Suggestion>,
}

impl Subjects {
    async fn load(store: &Store, events: &[Event]) -> Result<Self, StoreError> {
        let mut messages = BTreeSet::new();
        let mut readings: BTreeSet<ContactId> = BTreeSet::new();
        let mut contacts: BTreeSet<ContactId> = BTreeSet::new();
        let mut summarised = BTreeSet::new();
        let mut suggestions = BTreeSet::new();
        for event in events {
            let (customer, Some(contact)) = (event.customer_id, event.contact_id) else { continue };
            match &event.body {
                EventBody::MessageReceived { message_id, .. }
                | EventBody::MessageEdited { message_id }
                | EventBody::DeliveryChanged { message_id, .. }
                | EventBody::AttachmentChanged { message_id, .. }
                | EventBody::InsightReady { message_id: Some(message_id), .. } => {
                    messages.insert((customer, *message_id));
                }
                EventBody::InsightReady { message_id: None, .. } => {
                    readings.insert(contact);
                }
                EventBody::StateChanged { .. } => {
                    contacts.insert(contact);
                }
                EventBody::SuggestionReady { suggestion_id } => {
                    suggestions.insert((customer, *suggestion_id));
                }
                EventBody::SummaryReady { .. } => {
                    summarised.insert((customer, contact));
                }
                EventBody::ContactRead { .. }
                | EventBody::VerdictGiven { .. }
                | EventBody::SummaryAsked {}
                | EventBody::CustomerChanged { .. }
                | EventBody::AlertChanged { .. } => {}
            }
        }
        let readings: Vec<_> = readings.into_iter().collect();
        let contacts: Vec<_> = contacts.into_iter().collect();
        let summarised: Vec<_> = summarised.into_iter().collect();
        let messages: Vec<_> = messages.into_iter().collect();
        let suggestions: Vec<_> = suggestions.into_iter().collect();
        Ok(Self {
            messages: by(view::messages_by_id(store, &messages).await?, |message| message.id),
            readings: view::readings(store, &readings).await?.into_iter().collect(),
            contacts: by(view::summaries(store, &contacts).await?, |contact| contact.id),
            summaries: by(summaries(store, &summarised).await?, |summary| summary.contact_id),
            suggestions: by(view::suggestions(store, &suggestions).await?, |suggestion| suggestion.id),
        })
    }

    fn body(&self, event: &Event, contact: ContactId) -> Option<FrameBody> {
        Some(match &event.body {
            EventBody::MessageReceived { message_id, .. } => FrameBody::Message(self.message(*message_id)?),
            EventBody::MessageEdited { message_id }
            | EventBody::DeliveryChanged { message_id, .. }
            | EventBody::AttachmentChanged { message_id, .. } => FrameBody::MessageChanged(self.message(*message_id)?),
            EventBody::InsightReady { message_id, .. } => {
                let reading = match message_id {
                    Some(id) => InsightReading::Message(Box::new(self.messages.get(id)?.reading.clone()?)),
                    None => InsightReading::Contact(Box::new(self.readings.get(&contact)?.clone())),
                };
                FrameBody::Insight(InsightFrame { message_id: *message_id, reading })
            }
            EventBody::StateChanged { to, reason, .. } => {
                let contact = self.contacts.get(&contact)?.clone();
                // a name is known where the one who acts is the one who has it; the card of the step has the others'
                let by = contact.operator.clone().filter(|operator| Some(operator.id) == event.actor_id);
                FrameBody::State(Box::new(StateFrame { state: *to, step: *reason, by, at: event.at, contact }))
            }
            EventBody::ContactRead { operator_id, read_seq } => {
                FrameBody::Read(ReadFrame { operator_id: *operator_id, seq: *read_seq })
            }
            EventBody::SuggestionReady { suggestion_id } => {
                FrameBody::Suggestion(SuggestionFrame { suggestion: self.suggestions.get(suggestion_id)?.clone() })
            }
            EventBody::VerdictGiven { verdict_id, insight_id, suggestion_id } => {
                let subject = match (insight_id, suggestion_id) {
                    (Some(insight_id), _) => VerdictSubject::Insight { insight_id: *insight_id },
                    (None, Some(suggestion_id)) => VerdictSubject::Suggestion { suggestion_id: *suggestion_id },
                    (None, None) => return None,
                };
                FrameBody::Verdict(VerdictFrame { verdict_id: *verdict_id, subject, operator_id: event.actor_id })
            }
            EventBody::SummaryReady { .. } => FrameBody::Summary(Box::new(self.summaries.get(&contact)?.clone())),
            EventBody::SummaryAsked {} | EventBody::CustomerChanged { .. } | EventBody::AlertChanged { .. } => {
                return None;
            }
        })
    }

    fn message(&self, id: MessageId) -> Option<MessageFrame> {
        self.messages.get(&id).cloned().map(|message| MessageFrame { message })
    }
}

fn by<K: std::hash::Hash + Eq, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    values.into_iter().map(|value| (key(&value), value)).collect()
}
