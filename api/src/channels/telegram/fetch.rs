//! The stage that fetches files which customers sent.

use jiff::SignedDuration;
use pipelines::conversations::attachments;
use pipelines::events::{Author, Event, EventBody, MessageKind};
use pipelines::platform::stage::{Stage, StageError, StageName};
use pipelines::platform::store::Store;

use super::bot::{CallError, DownloadError, Refusal};
use super::deliver::bot;

/// A file that could not be had for so long will not come: Telegram keeps its place for an hour at least (getFile).
const WORTH_FETCHING: SignedDuration = SignedDuration::from_mins(45);

/// Fetches pending files from Telegram, once.
#[derive(Clone, Debug)]
pub struct Fetch {
    store: Store,
    http: reqwest::Client,
}

impl Fetch {
    pub fn new(store: Store, http: reqwest::Client) -> Self {
        Self { store, http }
    }
}

impl Stage for Fetch {
    const NAME: StageName = StageName::new("fetch");

    fn wants(body: &EventBody) -> bool {
        matches!(
            body,
            EventBody::MessageReceived { author: Author::Customer, kind: MessageKind::Photo | MessageKind::File, .. }
        )
    }

    async fn run(&self, event: &Event) -> Result<(), StageError> {
        let EventBody::MessageReceived { message_id, .. } = &event.body else { return Ok(()) };
        let too_late = self.store.clock().now().duration_since(event.at) > WORTH_FETCHING;
        for pending in attachments::pending(&self.store, event.customer_id, *message_id).await? {
            let Some(bot) = bot(&self.store, &self.http, pending.account_id).await? else {
                attachments::failed(&self.store, &pending).await?;
                continue;
            };
            match bot.download(&pending.source).await {
                Ok(bytes) => attachments::stored(&self.store, &pending, &bytes).await?,
                Err(DownloadError::TooLarge) => attachments::too_large(&self.store, &pending).await?,
                Err(DownloadError::Call(CallError::Refused(Refusal { retry_after: Some(wait), .. }))) if !too_late => {
                    return Err(StageError::retry_after(wait, "the flood limit holds"));
                }
                Err(DownloadError::Call(CallError::Refused(refusal))) if refusal.code >= 500 && !too_late => {
                    return Err(StageError::retry("the Bot API has a fault of its own"));
                }
                Err(DownloadError::NoPath | DownloadError::Call(CallError::Refused(_))) => {
                    attachments::failed(&self.store, &pending).await?;
                }
                Err(DownloadError::Call(_)) if too_late => attachments::failed(&self.store, &pending).await?,
                Err(DownloadError::Call(error)) => return Err(StageError::retry(error)),
            }
        }
        Ok(())
    }
}
