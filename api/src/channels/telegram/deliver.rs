//! The stage that sends: an operator's text becomes one or more messages in the customer's chat.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use pipelines::conversations::accounts::{self, SecretKind};
use pipelines::conversations::delivery::{self, Claim, DeliveryProblem, Outgoing, Waiting};
use pipelines::events::{Author, ContactId, CustomerId, Delivery, Event, EventBody, MessageId, MessageKind};
use pipelines::platform::stage::{Stage, StageError, StageName};
use pipelines::platform::store::Store;
use secrecy::{ExposeSecret, SecretString};

use super::bot::{API, Bot, CallError, Refusal};
use super::pace::Pace;
use super::split::{LIMIT, split};

/// The Bot API always says how long a flood limit holds; should it forget, this long.
const FLOOD: Duration = Duration::from_secs(30);
/// A reply that could not be sent for so long is no answer any more: it fails, and the operator decides.
const WORTH_SENDING: SignedDuration = SignedDuration::from_mins(30);

/// Sends queued messages of Telegram's contacts.
#[derive(Clone, Debug)]
pub struct Deliver {
    store: Store,
    http: reqwest::Client,
    pace: Arc<Pace>,
}

impl Deliver {
    pub fn new(store: Store, http: reqwest::Client) -> Self {
        Self { store, http, pace: Arc::default() }
    }

    /// Takes up what waits although its delivery was given up, and forgets whose pace no longer matters.
    pub async fn take_up(&self) -> Result<(), StageError> {
        self.pace.forget();
        for Waiting { customer_id, contact_id, message_id, since } in delivery::left_waiting(&self.store).await? {
            if let Err(error) = self.deliver(customer_id, contact_id, message_id, since).await {
                tracing::debug!(%error, message = %message_id, "a message goes on waiting");
            }
        }
        Ok(())
    }

    /// Sends a message, and then those of its talk that waited for it.
    async fn deliver(
        &self,
        customer: CustomerId,
        contact: ContactId,
        message: MessageId,
        since: Timestamp,
    ) -> Result<(), StageError> {
        match delivery::claim(&self.store, customer, message).await? {
            Claim::Yours(outgoing) => self.send(&outgoing, since).await?,
            Claim::NotYet => return Err(StageError::retry("an earlier message is on its way")),
            Claim::Nothing => {}
        }
        while let Some(next) = delivery::next(&self.store, customer, contact).await? {
            match delivery::claim(&self.store, customer, next.message_id).await? {
                Claim::Yours(outgoing) => self.send(&outgoing, next.since).await?,
                // another sender has it, and goes on with the rest
                Claim::NotYet | Claim::Nothing => break,
            }
        }
        Ok(())
    }

    async fn send(&self, outgoing: &Outgoing, since: Timestamp) -> Result<(), StageError> {
        let bot = match self.bot(outgoing).await {
            Ok(Some(bot)) => bot,
            Ok(None) => return Ok(delivery::failed(&self.store, outgoing, DeliveryProblem::Unreachable).await?),
            Err(error) => {
                delivery::put_back(&self.store, outgoing).await?;
                return Err(error);
            }
        };
        let Ok(chat) = outgoing.thread.as_str().parse() else {
            return Ok(delivery::failed(&self.store, outgoing, DeliveryProblem::Gone).await?);
        };
        let parts = split(outgoing.text.as_str(), LIMIT);
        let done = usize::try_from(outgoing.parts_sent).unwrap_or(usize::MAX);
        let mut last = String::new();
        for (index, part) in parts.iter().enumerate().skip(done) {
            if let Err(left) = self.pace.turn(outgoing.account_id, chat).await {
                return self.wait(outgoing, left, since).await;
            }
            match bot.send(chat, part).await {
                Ok(id) => {
                    last = format!("{chat}:{id}");
                    delivery::part_sent(&self.store, outgoing, u32::try_from(index + 1).unwrap_or(u32::MAX)).await?;
                }
                Err(error) => return self.settle(outgoing, error, since).await,
            }
        }
        Ok(delivery::sent(&self.store, outgoing, &last).await?)
    }

    /// What surely was not sent waits its turn again; what may have been sent is never repeated.
    async fn settle(&self, outgoing: &Outgoing, error: CallError, since: Timestamp) -> Result<(), StageError> {
        let too_late = self.store.clock().now().duration_since(since) > WORTH_SENDING;
        match error {
            CallError::NotSent if too_late => {
                Ok(delivery::failed(&self.store, outgoing, DeliveryProblem::Unreachable).await?)
            }
            CallError::NotSent => {
                delivery::put_back(&self.store, outgoing).await?;
                Err(StageError::retry("the Bot API could not be reached"))
            }
            CallError::Refused(Refusal { code: 429, retry_after, .. }) => {
                let wait = retry_after.unwrap_or(FLOOD);
                self.pace.hold(outgoing.account_id, wait);
                self.wait(outgoing, wait, since).await
            }
            CallError::Refused(refusal) if refusal.code >= 500 && !too_late => {
                delivery::put_back(&self.store, outgoing).await?;
                Err(StageError::retry("the Bot API has a fault of its own"))
            }
            CallError::Refused(refusal) => Ok(delivery::failed(&self.store, outgoing, problem(&refusal)).await?),
            CallError::Gateway(_) | CallError::Broken(_) => Ok(delivery::unknown(&self.store, outgoing).await?),
        }
    }

    /// The flood limit holds for `left`; a reply that would come too late then is not sent at all.
    async fn wait(&self, outgoing: &Outgoing, left: Duration, since: Timestamp) -> Result<(), StageError> {
        if self.store.clock().now().duration_since(since) > WORTH_SENDING {
            return Ok(delivery::failed(&self.store, outgoing, DeliveryProblem::Unreachable).await?);
        }
        delivery::put_back(&self.store, outgoing).await?;
        Err(StageError::retry_after(left, "the flood limit holds"))
    }

    async fn bot(&self, outgoing: &Outgoing) -> Result<Option<Bot>, StageError> {
        bot(&self.store, &self.http, outgoing.account_id).await
    }
}

/// The bot of an account; none where the account has no token.
pub(super) async fn bot(
    store: &Store,
    http: &reqwest::Client,
    account: pipelines::conversations::AccountId,
) -> Result<Option<Bot>, StageError> {
    let token = accounts::secret(store, account, SecretKind::BotToken).await?;
    let known = accounts::by_id(store, account).await?;
    Ok(token.zip(known).and_then(|(token, account)| {
        let token = String::from_utf8(token.expose_secret().to_vec()).ok()?;
        let api = account.settings.api_url.as_deref().unwrap_or(API);
        Some(Bot::new(http.clone(), api, SecretString::from(token)))
    }))
}

fn problem(refusal: &Refusal) -> DeliveryProblem {
    match refusal.code {
        403 => DeliveryProblem::Blocked,
        400 if refusal.description.contains("chat not found") => DeliveryProblem::Gone,
        401 | 404 => DeliveryProblem::Unreachable,
        _ => DeliveryProblem::Rejected,
    }
}

impl Stage for Deliver {
    const NAME: StageName = StageName::new("deliver");

    fn wants(body: &EventBody) -> bool {
        match body {
            EventBody::MessageReceived { author, kind, .. } => {
                *author == Author::Operator && *kind == MessageKind::Text
            }
            // sent again by a person; what a sender puts back is still on its way, see `run`
            EventBody::DeliveryChanged { delivery, .. } => *delivery == Delivery::Queued,
            _ => false,
        }
    }

    async fn run(&self, event: &Event) -> Result<(), StageError> {
        let (EventBody::MessageReceived { message_id, .. } | EventBody::DeliveryChanged { message_id, .. }) =
            &event.body
        else {
            return Ok(());
        };
        let put_back = matches!(event.body, EventBody::DeliveryChanged { .. }) && event.actor_id.is_none();
        if put_back {
            return Ok(());
        }
        let Some(contact) = event.contact_id else { return Ok(()) };
        self.deliver(event.customer_id, contact, *message_id, event.at).await
    }
}
