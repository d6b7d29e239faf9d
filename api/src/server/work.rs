//! The worker's side of a process: the relay, the stages, the housekeeping of the log.

use std::sync::Arc;
use std::time::Duration;

use models::reading::ReadingModel;
use models::sentences::SentenceModel;
use models::summary::Writer;
use pipelines::conversations::delivery;
use pipelines::insights::Classify;
use pipelines::platform::broker::Broker;
use pipelines::platform::log::housekeeping;
use pipelines::platform::relay::Relay;
use pipelines::platform::stage::{Routes, Stage};
use pipelines::platform::worker;
use pipelines::routing;
use pipelines::summaries::{Summarise, date_left};
use pipelines::trends::{self, Count, Themes};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::State;
use crate::channels::telegram::{self, Deliver, Fetch};
use crate::trends::webhook::{self, Webhook};

/// Readings that one process asks the model for at once; they merge into batches.
const READ_AT_ONCE: u16 = 16;
/// Contacts that one process summarises at once: one talk is judged at a time, the other is fetched or stored meanwhile. Few,
/// so that fifty that end together do not crowd live work out of the database.
const SUMMARISE_AT_ONCE: u16 = 2;
/// Contacts that are counted at once: each holds a connection to the database for some milliseconds.
const COUNT_AT_ONCE: u16 = 4;
/// Replies and files that are on their way at once.
const SEND_AT_ONCE: u16 = 16;
const FETCH_AT_ONCE: u16 = 4;
/// How often messages are looked for whose sender or delivery is gone, and facts that bear no date.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// How often offers are looked for that nobody has answered.
const LOOK_FOR_OFFERS_EVERY: Duration = Duration::from_secs(5);

/// What the worker works with.
#[derive(Clone, Debug)]
pub struct Work {
    pub broker: Broker,
    pub reader: ReadingModel,
    /// None: summaries have the frame's text.
    pub writer: Option<Writer>,
    /// For the services that channels live at.
    pub http: reqwest::Client,
    /// By its vectors themes are found.
    pub sentences: SentenceModel,
    /// Who is told of alerts; none: nobody.
    pub webhook: Option<Webhook>,
}

/// Which stages there are; the same in every process, whichever of them it runs.
pub fn routes() -> Routes {
    Routes::default().to::<Classify>().to::<Summarise>().to::<Count>().to::<Deliver>().to::<Fetch>()
}

/// Works until [`State::stopping`] is cancelled, then finishes what is in flight.
pub(super) async fn run(state: State, work: Option<Work>) {
    let Some(Work { broker, reader, writer, http, sentences, webhook }) = work else { return };
    let (store, stop) = (state.store.clone(), state.stopping.clone());
    let mut tasks = JoinSet::new();
    tasks.spawn(Relay::new(store.clone(), broker.clone(), routes()).run(stop.clone()));
    tasks.spawn(housekeeping::run(store.clone(), stop.clone()));
    // On a thread of its own: to judge all series of a day at once takes long enough to hold up every message that shares it.
    let judging = trends::run(store.clone(), stop.clone());
    tasks.spawn_blocking(move || Handle::current().block_on(judging));
    tasks.spawn(telegram::poll(store.clone(), http.clone(), stop.clone()));
    tasks.spawn(Themes::new(store.clone(), sentences).run(stop.clone()));
    if let Some(webhook) = webhook {
        tasks.spawn(webhook::run(store.clone(), http.clone(), webhook, stop.clone()));
    }
    let deliver = Deliver::new(store.clone(), http.clone());
    tasks.spawn(look_for_left(state.clone(), deliver.clone()));
    tasks.spawn(look_for_lapsed(state.clone()));
    tasks.spawn(look_for_undated(state.clone()));
    start(&mut tasks, &state, &broker, Classify::new(store.clone(), reader.clone()), READ_AT_ONCE);
    start(&mut tasks, &state, &broker, Summarise::new(store.clone(), reader, writer), SUMMARISE_AT_ONCE);
    start(&mut tasks, &state, &broker, Count::new(store.clone()), COUNT_AT_ONCE);
    start(&mut tasks, &state, &broker, deliver, SEND_AT_ONCE);
    start(&mut tasks, &state, &broker, Fetch::new(store, http), FETCH_AT_ONCE);
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a part of the worker broke; the process should be started again");
        }
    }
}

fn start<S: Stage>(tasks: &mut JoinSet<()>, state: &State, broker: &Broker, stage: S, in_flight: u16) {
    let (clock, stop) = (state.store.clock().clone(), state.stopping.clone());
    tasks.spawn(worker::run(Arc::new(stage), broker.clone(), clock, in_flight, stop));
}

async fn look_for_left(state: State, deliver: Deliver) {
    let mut turns = tokio::time::interval(LOOK_EVERY);
    while state.stopping.run_until_cancelled(turns.tick()).await.is_some() {
        if let Err(error) = deliver.take_up().await {
            tracing::warn!(%error, "messages that wait are looked for again in a minute");
        }
        match delivery::give_up_interrupted(&state.store).await {
            Ok(0) => {}
            Ok(count) => tracing::warn!(count, "sends broke off midway; whether they arrived is unknown"),
            Err(error) => tracing::warn!(%error, "broken sends are looked for again in a minute"),
        }
    }
}

/// Beside what is looked for each minute: to date all that an older version stored may take hours.
async fn look_for_undated(state: State) {
    let mut turns = tokio::time::interval(LOOK_EVERY);
    while state.stopping.run_until_cancelled(turns.tick()).await.is_some() {
        match state.stopping.run_until_cancelled(date_left(&state.store)).await {
            None | Some(Ok(0)) => {}
            Some(Ok(contacts)) => tracing::info!(contacts, "facts that an older version stored have their dates now"),
            Some(Err(error)) => tracing::warn!(%error, "facts without a date are looked for again in a minute"),
        }
    }
}

async fn look_for_lapsed(state: State) {
    let mut turns = tokio::time::interval(LOOK_FOR_OFFERS_EVERY);
    while state.stopping.run_until_cancelled(turns.tick()).await.is_some() {
        match routing::return_lapsed(&state.store).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "contacts that nobody accepted in time are in the queue again"),
            Err(error) => tracing::warn!(%error, "offers that lapsed are looked for again in a moment"),
        }
    }
}
