//! The queues in RabbitMQ: quorum queues, confirmed and mandatory publishes, dead letters, retries by queues with a
//! time to live. Connections are opened again by ourselves, so that an acknowledgement can never reach a delivery of
//! another connection.

mod consumer;
mod link;
mod topology;

use std::sync::Arc;

use lapin::options::{BasicAckOptions, BasicGetOptions, BasicNackOptions};
use lapin::types::{AMQPValue, FieldTable};
use secrecy::SecretString;

use super::{BrokerError, Dead, StageName, kept};
use crate::events::Event;
use crate::platform::clock::Clock;
use link::{Link, Message};

pub(super) use consumer::{Consumer, Receipt};

/// Headers of ours: how often the message was tried, why it was not done, when it was given up.
const ATTEMPT: &str = "okno-attempt";
const ERROR: &str = "okno-error";
const DIED_AT: &str = "okno-died-at";

/// The broker over RabbitMQ 3.10 or later. Cheap to clone; clones share a connection.
#[derive(Clone, Debug)]
pub struct Rabbit {
    link: Arc<Link>,
    clock: Clock,
}

impl Rabbit {
    /// Connects to `url` (`amqp://` or `amqps://`), so that a wrong address is known at the start.
    pub async fn connect(url: &SecretString, clock: Clock) -> Result<Self, BrokerError> {
        Ok(Self { link: Arc::new(Link::open(url).await?), clock })
    }

    pub(super) async fn publish(&self, stage: StageName, events: &[Event]) -> Result<(), BrokerError> {
        let messages: Vec<Message> = events
            .iter()
            .map(|event| Ok(Message { body: serde_json::to_vec(event)?, headers: FieldTable::default() }))
            .collect::<Result<_, _>>()
            .map_err(BrokerError::Encode)?;
        self.link.declare(stage).await?;
        self.link.send("", &topology::queue(stage), stage, &messages).await
    }

    pub(super) async fn consume(&self, stage: StageName, prefetch: u16) -> Result<Consumer, BrokerError> {
        Consumer::open(self.clone(), stage, prefetch).await
    }

    pub(super) async fn dead(&self, stage: StageName, limit: u16) -> Result<Vec<Dead>, BrokerError> {
        self.link.declare(stage).await?;
        let channel = self.link.channel().await?;
        let mut found = Vec::new();
        let mut last = None;
        while found.len() < usize::from(limit) {
            let got = channel.basic_get(topology::dead(stage).into(), BasicGetOptions::default()).await?;
            let Some(message) = got else { break };
            last = Some(message.delivery.delivery_tag);
            found.push(dead(&message.delivery));
        }
        if let Some(last) = last {
            channel.basic_nack(last, BasicNackOptions { multiple: true, requeue: true }).await?;
        }
        channel.close(200, "read".into()).await?;
        Ok(found)
    }

    pub(super) async fn redrive(&self, stage: StageName) -> Result<u64, BrokerError> {
        self.link.declare(stage).await?;
        let channel = self.link.channel().await?;
        let mut revived = 0;
        loop {
            let got = channel.basic_get(topology::dead(stage).into(), BasicGetOptions::default()).await?;
            let Some(got) = got else { break };
            let left = got.message_count;
            let message = Message { body: got.delivery.data.clone(), headers: FieldTable::default() };
            self.link.send("", &topology::queue(stage), stage, &[message]).await?;
            got.delivery.acker.ack(BasicAckOptions::default()).await?;
            revived += 1;
            // Those that die again meanwhile are for the next time.
            if left == 0 {
                break;
            }
        }
        channel.close(200, "redriven".into()).await?;
        Ok(revived)
    }

    async fn bury(&self, stage: StageName, body: Vec<u8>, attempts: u32, error: &str) -> Result<(), BrokerError> {
        let mut headers = tried(attempts, error);
        headers.insert(DIED_AT.into(), text(&self.clock.now().to_string()));
        self.link.send("", &topology::dead(stage), stage, &[Message { body, headers }]).await
    }
}

fn tried(attempts: u32, error: &str) -> FieldTable {
    let mut headers = FieldTable::default();
    headers.insert(ATTEMPT.into(), AMQPValue::LongLongInt(i64::from(attempts)));
    headers.insert(ERROR.into(), text(&kept(error)));
    headers
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

/// How often a message was delivered before: our own count and RabbitMQ's of deliveries that nobody answered.
fn attempts(headers: Option<&FieldTable>) -> u32 {
    let Some(headers) = headers else { return 0 };
    count(headers, ATTEMPT).unwrap_or(0).saturating_add(count(headers, "x-delivery-count").unwrap_or(0))
}

fn count(headers: &FieldTable, name: &str) -> Option<u32> {
    headers.inner().get(name).and_then(whole_number)
}

fn whole_number(value: &AMQPValue) -> Option<u32> {
    match *value {
        AMQPValue::LongLongInt(number) => u32::try_from(number).ok(),
        AMQPValue::LongInt(number) => u32::try_from(number).ok(),
        AMQPValue::LongUInt(number) => Some(number),
        AMQPValue::ShortInt(number) => u32::try_from(number).ok(),
        AMQPValue::ShortShortInt(number) => u32::try_from(number).ok(),
        AMQPValue::ShortUInt(number) => Some(number.into()),
        AMQPValue::ShortShortUInt(number) => Some(number.into()),
        _ => None,
    }
}

fn dead(delivery: &lapin::message::Delivery) -> Dead {
    let headers = delivery.properties.headers().as_ref();
    let written = |name: &str| match headers.and_then(|headers| headers.inner().get(name)) {
        Some(AMQPValue::LongString(value)) => Some(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        _ => None,
    };
    let body: serde_json::Value = serde_json::from_slice(&delivery.data).unwrap_or_default();
    Dead {
        event_id: body.get("id").and_then(|id| id.as_str()).and_then(|id| id.parse().ok()),
        // Not RabbitMQ's count: here it counts those who looked.
        attempts: headers.and_then(|headers| count(headers, ATTEMPT)).unwrap_or(topology::DELIVERY_LIMIT),
        // RabbitMQ's own reason where it gave up by itself.
        error: written(ERROR).or_else(|| written("x-first-death-reason")),
        died_at: written(DIED_AT).and_then(|at| at.parse().ok()),
        body,
    }
}
