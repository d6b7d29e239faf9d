//! One competing queue for each stage, over PostgreSQL alone or over RabbitMQ, under one contract.
//!
//! What is published is delivered at least once: to one consumer at a time, again when that consumer vanishes, later
//! when it asks for it, never again once acknowledged. Given up deliveries wait for a person. Order is kept as far as
//! nothing is retried, but nothing may rest on it.

mod embedded;
mod rabbit;

use std::time::Duration;

use jiff::Timestamp;

use super::stage::StageName;
use super::store::StoreError;
use crate::events::{Event, EventId};

pub use embedded::Embedded;
pub(super) use embedded::store::insert as embedded_insert;
pub use rabbit::Rabbit;

/// Where the queues are.
#[derive(Clone, Debug)]
pub enum Broker {
    /// In the tables of the store.
    Embedded(Embedded),
    /// In RabbitMQ.
    Rabbit(Rabbit),
}

impl Broker {
    /// Puts events into a stage's queue, in order. Comes back only after the broker has them for good; after an error
    /// some may be there, and publishing them again is harmless.
    pub async fn publish(&self, stage: StageName, events: &[Event]) -> Result<(), BrokerError> {
        match self {
            Self::Embedded(broker) => broker.publish(stage, events).await,
            Self::Rabbit(broker) => broker.publish(stage, events).await,
        }
    }

    /// Competes for a stage's deliveries, holding `prefetch` of them at most that are neither acknowledged nor given
    /// back. Takes up again by itself after the broker was away.
    pub async fn consume(&self, stage: StageName, prefetch: u16) -> Result<Deliveries, BrokerError> {
        Ok(Deliveries(match self {
            Self::Embedded(broker) => Source::Embedded(Box::new(broker.consume(stage, prefetch))),
            Self::Rabbit(broker) => Source::Rabbit(Box::new(broker.consume(stage, prefetch).await?)),
        }))
    }

    /// What was given up, oldest first, `limit` at most.
    pub async fn dead(&self, stage: StageName, limit: u16) -> Result<Vec<Dead>, BrokerError> {
        match self {
            Self::Embedded(broker) => broker.dead(stage, limit).await,
            Self::Rabbit(broker) => broker.dead(stage, limit).await,
        }
    }

    /// Puts everything that was given up back into the queue as if it were new; says how many.
    pub async fn redrive(&self, stage: StageName) -> Result<u64, BrokerError> {
        match self {
            Self::Embedded(broker) => broker.redrive(stage).await,
            Self::Rabbit(broker) => broker.redrive(stage).await,
        }
    }
}

/// A consumer's end of a queue.
#[derive(Debug)]
pub struct Deliveries(Source);

#[derive(Debug)]
enum Source {
    Embedded(Box<embedded::Consumer>),
    Rabbit(Box<rabbit::Consumer>),
}

impl Deliveries {
    /// Waits for the next delivery. May be dropped midway without loss. After an error it may be called again.
    pub async fn next(&mut self) -> Result<Delivery, BrokerError> {
        match &mut self.0 {
            Source::Embedded(consumer) => consumer.next().await,
            Source::Rabbit(consumer) => consumer.next().await,
        }
    }

    /// Takes no more and gives back at once what was fetched but not handed out. Deliveries that were handed out can
    /// still be settled.
    pub async fn close(self) -> Result<(), BrokerError> {
        match self.0 {
            Source::Embedded(consumer) => consumer.close().await,
            Source::Rabbit(consumer) => consumer.close().await,
        }
    }
}

/// One event for one stage. Dropped unsettled, it is delivered again after a while.
#[derive(Debug)]
pub struct Delivery {
    pub event: Event,
    /// 1 for the first time.
    pub attempt: u32,
    receipt: Receipt,
}

#[derive(Debug)]
enum Receipt {
    Embedded(embedded::Receipt),
    Rabbit(Box<rabbit::Receipt>),
}

impl Delivery {
    /// Done: never to be delivered again.
    pub async fn ack(self) -> Result<(), BrokerError> {
        match self.receipt {
            Receipt::Embedded(receipt) => receipt.ack().await,
            Receipt::Rabbit(receipt) => receipt.ack().await,
        }
    }

    /// To be delivered again, not before `after` has passed. `error` is kept with it.
    pub async fn retry(self, after: Duration, error: &str) -> Result<(), BrokerError> {
        match self.receipt {
            Receipt::Embedded(receipt) => receipt.retry(after, error).await,
            Receipt::Rabbit(receipt) => receipt.retry(after, self.attempt, error).await,
        }
    }

    /// Given up: kept among the dead ones with `error`.
    pub async fn discard(self, error: &str) -> Result<(), BrokerError> {
        match self.receipt {
            Receipt::Embedded(receipt) => receipt.discard(error).await,
            Receipt::Rabbit(receipt) => receipt.discard(self.attempt, error).await,
        }
    }

    /// Not begun: somebody else may have it at once.
    pub async fn give_back(self) -> Result<(), BrokerError> {
        match self.receipt {
            Receipt::Embedded(receipt) => receipt.give_back().await,
            Receipt::Rabbit(receipt) => receipt.give_back().await,
        }
    }
}

/// A delivery that was given up.
#[derive(Clone, Debug, PartialEq)]
pub struct Dead {
    /// None where the body is not an event that this program can read.
    pub event_id: Option<EventId>,
    /// The event as it was published.
    pub body: serde_json::Value,
    pub attempts: u32,
    pub error: Option<String>,
    pub died_at: Option<Timestamp>,
}

/// Longest error text that is kept with a delivery, in characters.
const ERROR_CHARS: usize = 500;

/// An error text at a length that headers and rows can hold, with whatever looks personal masked.
fn kept(error: &str) -> String {
    super::privacy::mask(error).chars().take(ERROR_CHARS).collect()
}

/// Why the broker did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("RabbitMQ did not answer as expected; check AMQP_URL and the server's log: {0}")]
    Rabbit(#[from] lapin::Error),
    #[error("AMQP_URL cannot be read; write it as amqp://user:password@host:5672/vhost")]
    Address,
    #[error("RabbitMQ did not answer in time; check its alarms for memory and disk")]
    Late,
    #[error("RabbitMQ has no queue for stage {0}; it is declared again with the next attempt")]
    Unroutable(StageName),
    #[error("RabbitMQ refused a message for stage {0}; is its queue full or without a majority?")]
    Refused(StageName),
    #[error("an event could not be written as JSON: {0}")]
    Encode(#[source] serde_json::Error),
    #[error("the delivery was meanwhile given to somebody else")]
    Lost,
}

impl From<sqlx::Error> for BrokerError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(StoreError::Database(error))
    }
}
