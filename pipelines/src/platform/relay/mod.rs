//! From the log into the queues of the stages.
//!
//! Relays share the 64 parts of the log out among themselves by leases. Each publishes what stands behind the position
//! of its parts and moves the position only after the broker has everything. With the embedded broker both happen in
//! one transaction; with RabbitMQ a relay that dies in between leaves copies, which stages absorb. A position moves
//! only from where the relay began and only while the relay still holds the part, so a lease that was taken over never
//! leaves a gap.

mod store;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::broker::{Broker, BrokerError, embedded_insert};
use super::log::{self, Entry};
use super::stage::{Routes, StageName};
use super::store::{Store, StoreError};
use super::wake::{NET, Topic};
use crate::events::Event;

/// How long a relay that says nothing keeps its parts.
pub const LEASE: Duration = Duration::from_secs(10);

/// How often a living relay renews. A pass may take as long as the broker's patience and still be in time.
const RENEW: Duration = Duration::from_secs(3);

/// Entries of one part that are published at once.
const STEP: i64 = 256;

/// Pause after an error.
const PAUSE: Duration = Duration::from_millis(500);

/// One relay. Several may run, in one process or in many.
#[derive(Debug)]
pub struct Relay {
    store: Store,
    broker: Broker,
    routes: Routes,
    id: Uuid,
    /// The parts that are held and how far each is published.
    held: BTreeMap<i16, i64>,
    news: watch::Receiver<()>,
}

impl Relay {
    /// `broker`, where it is the embedded one, stands on the same `store`.
    pub fn new(store: Store, broker: Broker, routes: Routes) -> Self {
        let id = store.clock().id();
        let news = store.appended();
        Self { store, broker, routes, id, held: BTreeMap::new(), news }
    }

    /// Relays until `stop`, then hands its parts over at once.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut renewed: Option<Instant> = None;
        while !stop.is_cancelled() {
            self.news.borrow_and_update();
            let due = renewed.is_none_or(|at| at.elapsed() >= RENEW);
            let outcome = self.turn(due).await;
            if due && outcome.is_ok() {
                renewed = Some(Instant::now());
            }
            match outcome {
                // a part may have more than one step of it
                Ok(passed) if passed >= STEP as usize => continue,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the relay could not publish and tries again");
                    metrics::counter!("okno_relay_errors_total").increment(1);
                    // Renewed in any case: what is held may have changed hands.
                    renewed = None;
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(PAUSE) => {}
                    }
                    continue;
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                _ = tokio::time::timeout(NET, self.news.changed()) => {}
            }
        }
        if let Err(error) = store::leave(&self.store, self.id).await {
            tracing::warn!(%error, "the relay could not hand over its parts; others take them when the lease ends");
        }
    }

    async fn turn(&mut self, renew: bool) -> Result<usize, BrokerError> {
        if renew {
            self.lease().await?;
        }
        self.pass().await
    }

    /// Says that this relay lives, and takes its share of the parts: as many as fall to each living relay. Says how
    /// many it holds now.
    pub async fn lease(&mut self) -> Result<usize, StoreError> {
        self.held = store::lease(&self.store, self.id, LEASE).await?;
        metrics::gauge!("okno_relay_parts").set(u32::try_from(self.held.len()).unwrap_or(u32::MAX));
        let lag = store::lag(&self.store).await?;
        metrics::gauge!("okno_log_lag").set(f64::from(i32::try_from(lag).unwrap_or(i32::MAX)));
        Ok(self.held.len())
    }

    /// Publishes one step of every part that is held; says how many events it moved past.
    pub async fn pass(&mut self) -> Result<usize, BrokerError> {
        let (parts, positions): (Vec<_>, Vec<_>) = self.held.iter().map(|(part, position)| (*part, *position)).unzip();
        if parts.is_empty() {
            return Ok(0);
        }
        let entries = log::store::read(self.store.pool(), &parts, &positions, STEP).await?;
        if entries.is_empty() {
            return Ok(0);
        }
        let mut moves = BTreeMap::<i16, Move>::new();
        for entry in &entries {
            let from = self.held.get(&entry.part).copied().unwrap_or_default();
            moves.entry(entry.part).or_insert(Move { from, to: from }).to = entry.position;
        }
        let moved = match &self.broker {
            Broker::Embedded(_) => self.publish_embedded(&entries, &moves).await?,
            Broker::Rabbit(_) => {
                self.publish_confirmed(&entries).await?;
                let mut conn = self.store.pool().acquire().await?;
                store::advance(&mut conn, self.id, &moves).await?
            }
        };
        for (part, Move { to, .. }) in moves {
            if moved.contains(&part) {
                self.held.insert(part, to);
            } else {
                tracing::info!(part, "another relay has taken over a part of the log");
                self.held.remove(&part);
            }
        }
        Ok(entries.len())
    }

    /// Deliveries and positions in one transaction: nothing is doubled, nothing is missed.
    async fn publish_embedded(&self, entries: &[Entry], moves: &BTreeMap<i16, Move>) -> Result<Vec<i16>, BrokerError> {
        let mut tx = self.store.pool().begin().await?;
        let moved = store::advance(&mut tx, self.id, moves).await?;
        let rows: Vec<(StageName, &Event)> = entries
            .iter()
            .filter(|entry| moved.contains(&entry.part))
            .flat_map(|entry| self.routes.of(&entry.event.body).map(move |stage| (stage, &entry.event)))
            .collect();
        embedded_insert(&mut tx, &rows, self.store.clock().now()).await?;
        tx.commit().await?;
        for stage in self.routes.stages() {
            let published = rows.iter().filter(|(name, _)| *name == stage).count();
            if published > 0 {
                self.store.wake().ring([Topic::Deliveries(stage)]);
                count(stage, published);
            }
        }
        Ok(moved)
    }

    async fn publish_confirmed(&self, entries: &[Entry]) -> Result<(), BrokerError> {
        for stage in self.routes.stages() {
            let events: Vec<Event> = entries
                .iter()
                .filter(|entry| self.routes.of(&entry.event.body).any(|name| name == stage))
                .map(|entry| entry.event.clone())
                .collect();
            if !events.is_empty() {
                self.broker.publish(stage, &events).await?;
                count(stage, events.len());
            }
        }
        Ok(())
    }
}

/// From where to where a part's position goes.
#[derive(Clone, Copy, Debug)]
struct Move {
    from: i64,
    to: i64,
}

fn count(stage: StageName, events: usize) {
    metrics::counter!("okno_relay_published_total", "stage" => stage.as_str())
        .increment(u64::try_from(events).unwrap_or(u64::MAX));
}
