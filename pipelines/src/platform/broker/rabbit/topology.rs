//! The queues and exchanges of RabbitMQ, by name. Declaring what is there already changes nothing.
//!
//! `okno.STAGE` holds what is to be done, `okno.STAGE.dead` what was given up. `okno.retry.Ns` are shared by all
//! stages: a fanout exchange and a queue whose messages expire after N seconds and go back, by their routing key, to
//! the queue they came from. One queue for each delay, because expiry works at the head of a queue only.

use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

use crate::platform::stage::StageName;

/// Delays in seconds; a retry takes the shortest that is not too short.
const DELAYS_S: [u32; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 300, 600];

/// Deliveries that nobody answered before RabbitMQ itself gives up: more than the worker allows, so it is the net
/// under a message that kills every worker.
pub(super) const DELIVERY_LIMIT: u32 = 64;

/// The dead are looked at by taking and returning them, which RabbitMQ counts.
const DEAD_DELIVERY_LIMIT: u32 = 1_000_000_000;

pub(super) fn queue(stage: StageName) -> String {
    format!("okno.{stage}")
}

pub(super) fn dead(stage: StageName) -> String {
    format!("okno.{stage}.dead")
}

/// The exchange that brings a message back after at least `after`, ten minutes at most; none for at once.
pub(super) fn delay(after: Duration) -> Option<u32> {
    if after.is_zero() {
        return None;
    }
    let fits = |seconds: &&u32| Duration::from_secs(u64::from(**seconds)) >= after;
    DELAYS_S.iter().find(fits).or(DELAYS_S.last()).copied()
}

pub(super) fn retry(delay_s: u32) -> String {
    format!("okno.retry.{delay_s}s")
}

/// Declares a stage's queues.
pub(super) async fn declare_stage(channel: &Channel, stage: StageName) -> Result<(), lapin::Error> {
    let mut work = quorum(DELIVERY_LIMIT);
    dead_letters_to(&mut work, Some(&dead(stage)));
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(dead(stage).into(), durable, quorum(DEAD_DELIVERY_LIMIT)).await?;
    channel.queue_declare(queue(stage).into(), durable, work).await?;
    Ok(())
}

/// Declares the exchange and the queue of one delay.
pub(super) async fn declare_retry(channel: &Channel, delay_s: u32) -> Result<(), lapin::Error> {
    let name = retry(delay_s);
    let mut waiting = quorum(DEAD_DELIVERY_LIMIT);
    dead_letters_to(&mut waiting, None);
    waiting.insert("x-message-ttl".into(), AMQPValue::LongLongInt(i64::from(delay_s) * 1_000));
    let durable = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel.exchange_declare(name.as_str().into(), ExchangeKind::Fanout, durable, FieldTable::default()).await?;
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(name.as_str().into(), durable, waiting).await?;
    let bind = QueueBindOptions::default();
    channel.queue_bind(name.as_str().into(), name.as_str().into(), "".into(), bind, FieldTable::default()).await?;
    Ok(())
}

fn quorum(delivery_limit: u32) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(i64::from(delivery_limit)));
    arguments
}

/// Dead letters go through the default exchange and leave their queue only once they have arrived.
fn dead_letters_to(arguments: &mut FieldTable, queue: Option<&str>) {
    arguments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("".into()));
    if let Some(queue) = queue {
        arguments.insert("x-dead-letter-routing-key".into(), AMQPValue::LongString(queue.into()));
    }
    arguments.insert("x-dead-letter-strategy".into(), AMQPValue::LongString("at-least-once".into()));
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_never_comes_back_early() {
        assert_eq!(delay(Duration::ZERO), None);
        assert_eq!(delay(Duration::from_millis(1)), Some(1));
        assert_eq!(delay(Duration::from_secs(8)), Some(8));
        assert_eq!(delay(Duration::from_millis(8_001)), Some(16));
        assert_eq!(delay(Duration::from_secs(86_400)), Some(600));
    }
}
