//! Runs a stage: so many deliveries at once, each finished, retried or given up, none lost when the process ends.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::broker::{Broker, BrokerError, Deliveries, Delivery};
use super::clock::Clock;
use super::stage::{Stage, StageError};

/// A delivery that failed this often is given up: with the delays between, about an hour after the first attempt.
pub const MAX_ATTEMPTS: u32 = 20;

/// Delay before the second attempt; doubled with each further one.
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(300);

/// Longest wait for what is in flight once the process is told to end. Service managers kill after 30 s.
const DRAIN: Duration = Duration::from_secs(20);

/// Pause before a broker is asked again that was away.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs `stage` with up to `in_flight` deliveries at once until `stop`; then takes no more, finishes what it has begun
/// (20 s at most) and gives back the rest.
pub async fn run<S: Stage>(stage: Arc<S>, broker: Broker, clock: Clock, in_flight: u16, stop: CancellationToken) {
    let cut = CancellationToken::new();
    let desk = Desk { stage, clock, cut: cut.clone() };
    let mut working = JoinSet::new();
    if let Some(mut deliveries) = subscribe::<S>(&broker, in_flight, &stop).await {
        take(&desk, &mut deliveries, &mut working, &stop).await;
        if let Err(error) = deliveries.close().await {
            tracing::warn!(stage = %S::NAME, %error, "what was fetched and not begun comes again after its lease");
        }
    }
    if tokio::time::timeout(DRAIN, finished(&mut working)).await.is_err() {
        tracing::warn!(stage = %S::NAME, left = working.len(), "work in flight is given back unfinished");
        cut.cancel();
        finished(&mut working).await;
    }
}

/// Asks until the broker is there; none once told to stop.
async fn subscribe<S: Stage>(broker: &Broker, in_flight: u16, stop: &CancellationToken) -> Option<Deliveries> {
    while !stop.is_cancelled() {
        match broker.consume(S::NAME, in_flight).await {
            Ok(deliveries) => return Some(deliveries),
            Err(error) => pause::<S>(&error, stop).await,
        }
    }
    None
}

/// Hands deliveries to tasks until `stop`.
async fn take<S: Stage>(
    desk: &Desk<S>,
    deliveries: &mut Deliveries,
    working: &mut JoinSet<()>,
    stop: &CancellationToken,
) {
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            Some(_) = working.join_next(), if !working.is_empty() => {}
            delivery = deliveries.next() => match delivery {
                Ok(delivery) => drop(working.spawn(desk.clone().handle(delivery))),
                Err(error) => pause::<S>(&error, stop).await,
            },
        }
    }
}

async fn pause<S: Stage>(error: &BrokerError, stop: &CancellationToken) {
    tracing::warn!(stage = %S::NAME, %error, "deliveries do not come; tried again in a moment");
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(PAUSE) => {}
    }
}

async fn finished(working: &mut JoinSet<()>) {
    while working.join_next().await.is_some() {}
}

/// What handling a delivery takes.
#[derive(Debug)]
struct Desk<S> {
    stage: Arc<S>,
    clock: Clock,
    /// The time to finish is over.
    cut: CancellationToken,
}

impl<S> Clone for Desk<S> {
    fn clone(&self) -> Self {
        Self { stage: self.stage.clone(), clock: self.clock.clone(), cut: self.cut.clone() }
    }
}

impl<S: Stage> Desk<S> {
    async fn handle(self, delivery: Delivery) {
        let began = Instant::now();
        let waited = seconds_since(delivery.event.at, self.clock.now());
        metrics::histogram!("okno_stage_wait_seconds", "stage" => S::NAME.as_str()).record(waited);
        let event = delivery.event.id;
        let (result, settled) = tokio::select! {
            outcome = self.outcome(&delivery) => self.settle(delivery, outcome).await,
            () = self.cut.cancelled() => ("given_back", delivery.give_back().await),
        };
        if let Err(error) = settled {
            tracing::warn!(stage = %S::NAME, %event, %error, "a delivery was not settled and comes again");
        }
        metrics::histogram!("okno_stage_seconds", "stage" => S::NAME.as_str()).record(began.elapsed().as_secs_f64());
        metrics::counter!("okno_stage_total", "stage" => S::NAME.as_str(), "result" => result).increment(1);
    }

    /// A panic is a failure like any other: it is told, and the delivery is tried again.
    async fn outcome(&self, delivery: &Delivery) -> Result<(), StageError> {
        // It never came to an end before: it may be what kills the process.
        if delivery.attempt > MAX_ATTEMPTS {
            return Err(StageError::discard(format!("{MAX_ATTEMPTS} attempts came to no end")));
        }
        let run = AssertUnwindSafe(async { self.stage.run(&delivery.event).await });
        run.catch_unwind().await.unwrap_or_else(|_| Err(StageError::retry("the stage panicked; see the log")))
    }

    async fn settle(
        &self,
        delivery: Delivery,
        outcome: Result<(), StageError>,
    ) -> (&'static str, Result<(), BrokerError>) {
        let (event, attempt) = (delivery.event.id, delivery.attempt);
        match outcome {
            Ok(()) => ("done", delivery.ack().await),
            Err(StageError::Retry { after, why }) if attempt < MAX_ATTEMPTS => {
                let after = after.unwrap_or_else(|| delay(attempt, self.clock.fraction()));
                tracing::warn!(stage = %S::NAME, %event, attempt, ?after, %why, "a stage failed and is tried again");
                ("retry", delivery.retry(after, &why).await)
            }
            Err(StageError::Retry { why, .. } | StageError::Discard { why }) => {
                tracing::error!(stage = %S::NAME, %event, attempt, %why, "a delivery is given up");
                ("dead", delivery.discard(&why).await)
            }
        }
    }
}

/// Exponential, with the upper half spread evenly by `fraction` (0 to 1) so that failures do not come back together.
fn delay(attempt: u32, fraction: f64) -> Duration {
    let doubled = FIRST_DELAY.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)));
    doubled.min(LONGEST_DELAY).mul_f64(0.5 + fraction / 2.0)
}

fn seconds_since(then: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(then).as_secs_f64().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn delays_grow_and_stay_in_bounds(attempt in 1u32..1_000, fraction in 0.0f64..1.0) {
            let now = delay(attempt, fraction);
            prop_assert!(now >= FIRST_DELAY / 2 && now <= LONGEST_DELAY);
            prop_assert!(delay(attempt + 1, fraction) >= now);
        }
    }
}
