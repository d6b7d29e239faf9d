//! One event of a call.

use jiff::Timestamp;
use models::taxonomy::Speaker;
use pipelines::conversations::calls::{self, CallEvent, Told};
use pipelines::conversations::view;
use pipelines::conversations::{
    self, AcceptError, Account, Content, ExternalId, Inbound, InboundError, Segment, Sender, Text, Thread,
};
use pipelines::customers::{IdentityKey, IdentityKind, Phone};
use pipelines::events::Author;
use pipelines::platform::signals::Signal;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::channels::home_of;
use crate::server::{ApiError, State};

/// What a source tells. Repeating an event changes nothing; events may come late.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CallReport {
    /// The source's id of the call.
    pub call_id: String,
    /// When it happened; now, if the source does not say.
    pub at: Option<Timestamp>,
    /// The caller's number, E.164 or as dialled in the account's country; none: hidden.
    pub from: Option<String>,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum What {
    Ringing,
    Answered {
        operator_login: Option<String>,
    },
    Hold,
    Resumed,
    Hangup,
    Segment {
        /// Partial and final versions of a segment bear the same id.
        segment_id: String,
        speaker: Speaker,
        text: String,
        start_ms: u32,
        end_ms: u32,
        /// A final segment replaces its partial ones and stays.
        #[serde(rename = "final")]
        is_final: bool,
    },
}

pub(super) fn not_a_report() -> ApiError {
    ApiError::bad_request("not an event of a call; see the description of /channels/calls")
}

/// Takes one event.
pub(super) async fn take(state: &State, account: &Account, report: CallReport) -> Result<(), ApiError> {
    let bad = |error: InboundError| ApiError::bad_request(error.to_string());
    let thread = Thread::new(report.call_id.clone()).map_err(bad)?;
    let at = report.at.unwrap_or_else(|| state.store.clock().now());
    let sender = sender(account, &report)?;
    let outcome = match report.what {
        What::Segment { segment_id, speaker, text, start_ms, end_ms: _, is_final: false } => {
            return hear(state, account, &thread, segment_id, speaker, text, start_ms).await;
        }
        What::Segment { segment_id, speaker, text, start_ms, end_ms, is_final: true } => {
            if end_ms < start_ms {
                return Err(ApiError::bad_request("a segment ends after it begins"));
            }
            let text = match Text::new(&text) {
                Ok(text) => text,
                // a recogniser that heard nothing after all
                Err(InboundError::Empty) => return Ok(()),
                Err(error) => return Err(bad(error)),
            };
            let external_id = ExternalId::new(format!("{}:segment:{segment_id}", thread.as_str())).map_err(bad)?;
            let content = Content::Segment(Segment { speaker, text, start_ms, end_ms });
            let inbound = Inbound { account: account.clone(), external_id, from: sender, thread, at, content };
            conversations::accept(&state.store, inbound).await
        }
        other => {
            let (word, event) = step(other);
            let external_id =
                ExternalId::new(format!("{}:{word}:{}", thread.as_str(), at.as_microsecond())).map_err(bad)?;
            let told = Told { account: account.clone(), external_id, from: sender, thread, event };
            calls::call(&state.store, &told).await
        }
    };
    match outcome {
        Ok(_) => Ok(()),
        Err(AcceptError::Inbound(error)) => Err(bad(error)),
        Err(AcceptError::Store(error)) => Err(error.into()),
        Err(AcceptError::MessageMissing | AcceptError::Busy) => Err(ApiError::unavailable()),
    }
}

fn step(what: What) -> (&'static str, CallEvent) {
    match what {
        What::Answered { operator_login } => ("answered", CallEvent::Answered { login: operator_login }),
        What::Hold => ("hold", CallEvent::Held),
        What::Resumed => ("resumed", CallEvent::Resumed),
        What::Hangup => ("hangup", CallEvent::HungUp),
        What::Ringing | What::Segment { .. } => ("ringing", CallEvent::Ringing),
    }
}

/// A hidden caller is known by the call alone.
fn sender(account: &Account, report: &CallReport) -> Result<Sender, ApiError> {
    let phone = report.from.as_deref().map(|number| Phone::parse(number, home_of(account))).transpose();
    let phone = phone.map_err(|error| ApiError::bad_request(error.to_string()))?;
    let identity = match &phone {
        Some(phone) => IdentityKey::phone(phone),
        None => IdentityKey::new(IdentityKind::Call, &format!("{}:{}", account.slug, report.call_id))
            .map_err(|error| ApiError::bad_request(error.to_string()))?,
    };
    Ok(Sender { identity, name: None, phone, language: None, country: None })
}

/// Shows what is being said; nothing of it is stored. A call that is not known yet has nobody who looks.
async fn hear(
    state: &State,
    account: &Account,
    thread: &Thread,
    segment_id: String,
    speaker: Speaker,
    text: String,
    start_ms: u32,
) -> Result<(), ApiError> {
    let Some(seen) = view::of_thread(&state.store, account.id, thread).await? else { return Ok(()) };
    let speaker = match speaker {
        Speaker::Customer => Author::Customer,
        Speaker::Operator => Author::Operator,
    };
    let segment_id = segment_id.chars().take(64).collect();
    let signal = Signal::Partial { contact_id: seen.id, segment_id, speaker, text, start_ms };
    if let Err(error) = state.hub.signals().send(signal).await {
        tracing::debug!(%error, "a partial segment was not shown");
    }
    Ok(())
}
