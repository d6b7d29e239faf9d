//! The queues in PostgreSQL: a row a delivery, claimed with SKIP LOCKED, leased, retried by time.

pub(in crate::platform) mod store;

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{BrokerError, Dead, Delivery, StageName, kept};
use crate::events::Event;
use crate::platform::store::Store;
use crate::platform::wake::{NET, Topic};

/// How long a consumer that says nothing keeps a delivery. Living consumers renew three times as often.
const LEASE: Duration = Duration::from_secs(15);

/// The broker over the store's own tables.
#[derive(Clone, Debug)]
pub struct Embedded {
    store: Store,
}

impl Embedded {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    pub(super) async fn publish(&self, stage: StageName, events: &[Event]) -> Result<(), BrokerError> {
        let rows: Vec<_> = events.iter().map(|event| (stage, event)).collect();
        let mut conn = self.store.pool().acquire().await?;
        store::insert(&mut conn, &rows, self.store.clock().now()).await?;
        self.store.wake().ring([Topic::Deliveries(stage)]);
        Ok(())
    }

    pub(super) fn consume(&self, stage: StageName, prefetch: u16) -> Consumer {
        let hold = Arc::new(Hold {
            store: self.store.clone(),
            stage,
            consumer: self.store.clock().id(),
            held: Mutex::default(),
            settled: Notify::new(),
        });
        tokio::spawn(renew(Arc::downgrade(&hold)));
        let news = self.store.wake().subscribe(Topic::Deliveries(stage));
        Consumer { hold, prefetch: usize::from(prefetch), fetched: VecDeque::new(), claiming: None, news }
    }

    pub(super) async fn dead(&self, stage: StageName, limit: u16) -> Result<Vec<Dead>, BrokerError> {
        store::dead(self.store.pool(), stage, limit).await
    }

    pub(super) async fn redrive(&self, stage: StageName) -> Result<u64, BrokerError> {
        let revived = store::redrive(self.store.pool(), stage, self.store.clock().now()).await?;
        self.store.wake().ring([Topic::Deliveries(stage)]);
        Ok(revived)
    }
}

/// What one consumer has claimed and not settled; shared by it, its receipts and the task that renews.
#[derive(Debug)]
struct Hold {
    store: Store,
    stage: StageName,
    consumer: Uuid,
    held: Mutex<BTreeSet<i64>>,
    settled: Notify,
}

impl Hold {
    fn numbers(&self) -> std::sync::MutexGuard<'_, BTreeSet<i64>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn until(&self) -> Timestamp {
        later(self.store.clock().now(), LEASE)
    }

    async fn claim(self: Arc<Self>, room: usize) -> Result<Vec<store::Claimed>, BrokerError> {
        let now = self.store.clock().now();
        let claimed = store::claim(self.store.pool(), self.stage, self.consumer, now, later(now, LEASE), room).await?;
        self.numbers().extend(claimed.iter().map(|row| row.number));
        Ok(claimed)
    }
}

/// Keeps the leases of what is being worked on, until nobody is left who could settle it.
async fn renew(hold: Weak<Hold>) {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        let Some(hold) = hold.upgrade() else { return };
        let numbers: Vec<i64> = hold.numbers().iter().copied().collect();
        if numbers.is_empty() {
            continue;
        }
        if let Err(error) = store::renew(hold.store.pool(), hold.consumer, &numbers, hold.until()).await {
            tracing::warn!(stage = %hold.stage, %error, "leases of deliveries were not renewed");
        }
    }
}

#[derive(Debug)]
pub(super) struct Consumer {
    hold: Arc<Hold>,
    prefetch: usize,
    fetched: VecDeque<store::Claimed>,
    /// A task of its own: a claim that was sent is not forgotten when the caller stops waiting for it.
    claiming: Option<JoinHandle<Result<Vec<store::Claimed>, BrokerError>>>,
    news: watch::Receiver<()>,
}

impl Consumer {
    pub(super) async fn next(&mut self) -> Result<Delivery, BrokerError> {
        loop {
            if let Some(claimed) = self.fetched.pop_front() {
                if let Some(delivery) = self.hand_out(claimed).await? {
                    return Ok(delivery);
                }
                continue;
            }
            if self.claiming.is_none() {
                self.news.borrow_and_update();
                let room = self.prefetch.saturating_sub(self.hold.numbers().len());
                if room == 0 {
                    self.hold.settled.notified().await;
                    continue;
                }
                self.claiming = Some(tokio::spawn(self.hold.clone().claim(room)));
            }
            let claimed = self.claimed().await?;
            if claimed.is_empty() {
                let _ = tokio::time::timeout(NET, self.news.changed()).await;
            }
            self.fetched.extend(claimed);
        }
    }

    async fn claimed(&mut self) -> Result<Vec<store::Claimed>, BrokerError> {
        let Some(claiming) = &mut self.claiming else { return Ok(Vec::new()) };
        let claimed = claiming.await;
        self.claiming = None;
        // A task can only fail to join when its runtime goes down with us.
        claimed.unwrap_or_else(|_| Ok(Vec::new()))
    }

    /// None: the body was not readable and the delivery is among the dead ones now.
    async fn hand_out(&self, claimed: store::Claimed) -> Result<Option<Delivery>, BrokerError> {
        let receipt = Receipt { hold: self.hold.clone(), number: claimed.number };
        match serde_json::from_value(claimed.body) {
            Ok(event) => Ok(Some(Delivery {
                event,
                attempt: claimed.attempts.unsigned_abs(),
                receipt: super::Receipt::Embedded(receipt),
            })),
            Err(error) => receipt.discard(&format!("unreadable event: {error}")).await.map(|()| None),
        }
    }

    pub(super) async fn close(mut self) -> Result<(), BrokerError> {
        let mut unbegun: Vec<i64> = self.claimed().await?.into_iter().map(|row| row.number).collect();
        unbegun.extend(self.fetched.drain(..).map(|row| row.number));
        store::give_back(self.hold.store.pool(), self.hold.consumer, &unbegun).await?;
        self.hold.numbers().retain(|number| !unbegun.contains(number));
        if !unbegun.is_empty() {
            self.hold.store.wake().ring([Topic::Deliveries(self.hold.stage)]);
        }
        Ok(())
    }
}

/// The right to settle one delivery. Dropped, its lease is no longer renewed.
#[derive(Debug)]
pub(super) struct Receipt {
    hold: Arc<Hold>,
    number: i64,
}

impl Receipt {
    pub(super) async fn ack(self) -> Result<(), BrokerError> {
        mine(store::ack(self.hold.store.pool(), self.hold.consumer, self.number).await?)
    }

    pub(super) async fn retry(self, after: Duration, error: &str) -> Result<(), BrokerError> {
        let ready = later(self.hold.store.clock().now(), after);
        mine(store::retry(self.hold.store.pool(), self.hold.consumer, self.number, ready, &kept(error)).await?)
    }

    pub(super) async fn discard(self, error: &str) -> Result<(), BrokerError> {
        let now = self.hold.store.clock().now();
        mine(store::bury(self.hold.store.pool(), self.hold.consumer, self.number, &kept(error), now).await?)
    }

    pub(super) async fn give_back(self) -> Result<(), BrokerError> {
        mine(store::give_back(self.hold.store.pool(), self.hold.consumer, &[self.number]).await?)?;
        self.hold.store.wake().ring([Topic::Deliveries(self.hold.stage)]);
        Ok(())
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.hold.numbers().remove(&self.number);
        self.hold.settled.notify_one();
    }
}

fn mine(rows: u64) -> Result<(), BrokerError> {
    if rows == 0 { Err(BrokerError::Lost) } else { Ok(()) }
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
