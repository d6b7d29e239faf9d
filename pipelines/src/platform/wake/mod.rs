//! Wakes whoever waits for news, in this process at once and in others a moment later.
//!
//! A wake-up is a hint and carries nothing. Inside the process it is a watch channel; to other processes it goes by
//! PostgreSQL's NOTIFY, outside the writing transaction (NOTIFY inside would make commits wait for one another) and
//! at most every [`PAUSE`], however much is written.

mod store;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::clock::Clock;
use super::stage::StageName;

/// Readers look by themselves this often: the net under a wake-up that was lost.
pub(super) const NET: Duration = Duration::from_millis(250);

/// Shortest time between two rounds of NOTIFY from this process.
const PAUSE: Duration = Duration::from_millis(5);

/// Pause before talking to a PostgreSQL again that was away.
const REOPEN: Duration = Duration::from_secs(1);

/// What there may be news about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Topic {
    /// Events were appended.
    Log,
    /// Deliveries of a stage became ready in the embedded broker.
    Deliveries(StageName),
}

/// Rings and is listened to. Clones share everything; the last one takes the background tasks with it.
#[derive(Clone, Debug)]
pub(super) struct Wake {
    bells: Arc<Bells>,
    _tasks: Arc<JoinSet<()>>,
}

#[derive(Debug, Default)]
struct Bells {
    ringing: Mutex<HashMap<Topic, watch::Sender<()>>>,
    /// Topics that other processes have not been told about yet.
    untold: Mutex<BTreeSet<Topic>>,
    tell: Notify,
}

impl Wake {
    /// Begins to listen and to tell.
    pub(super) fn start(pool: PgPool, clock: &Clock) -> Self {
        let bells = Arc::new(Bells::default());
        let me = clock.id();
        let mut tasks = JoinSet::new();
        tasks.spawn(tell(bells.clone(), pool.clone(), me));
        tasks.spawn(listen(bells.clone(), pool, me));
        Self { bells, _tasks: Arc::new(tasks) }
    }

    /// A receiver that changes whenever there may be news.
    pub(super) fn subscribe(&self, topic: Topic) -> watch::Receiver<()> {
        lock(&self.bells.ringing).entry(topic).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    /// Wakes whoever waits for one of `topics`. Call it after the commit.
    pub(super) fn ring(&self, topics: impl IntoIterator<Item = Topic>) {
        for topic in topics {
            self.bells.ring(topic);
            lock(&self.bells.untold).insert(topic);
        }
        self.bells.tell.notify_one();
    }
}

impl Bells {
    fn ring(&self, topic: Topic) {
        if let Some(bell) = lock(&self.ringing).get(&topic) {
            bell.send_replace(());
        }
    }

    /// Rings for news of another process. Stages that nobody here waits for are passed over.
    fn ring_named(&self, stage: Option<&str>) {
        for (topic, bell) in lock(&self.ringing).iter() {
            let meant = match topic {
                Topic::Log => stage.is_none(),
                Topic::Deliveries(name) => stage == Some(name.as_str()),
            };
            if meant {
                bell.send_replace(());
            }
        }
    }

    fn ring_all(&self) {
        for bell in lock(&self.ringing).values() {
            bell.send_replace(());
        }
    }
}

async fn tell(bells: Arc<Bells>, pool: PgPool, me: uuid::Uuid) {
    loop {
        bells.tell.notified().await;
        let topics = std::mem::take(&mut *lock(&bells.untold));
        if let Err(error) = store::notify(&pool, me, &topics).await {
            tracing::debug!(%error, "other processes were not woken; they look by themselves");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(bells: Arc<Bells>, pool: PgPool, me: uuid::Uuid) {
    while !pool.is_closed() {
        if let Err(error) = store::listen(&pool, me, &bells).await {
            tracing::debug!(%error, "news of other processes are not heard; the listener is opened again");
        }
        tokio::time::sleep(REOPEN).await;
    }
}

/// Poisoned only if a thread died between two lines that cannot fail.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
