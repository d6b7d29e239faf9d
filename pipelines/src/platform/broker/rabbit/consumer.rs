//! A consumer on a channel of its own, and the receipts of what it handed out.

use std::time::Duration;

use futures::StreamExt;
use lapin::Channel;
use lapin::message::Delivery as Raw;
use lapin::options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::types::FieldTable;

use super::link::Message;
use super::{Rabbit, attempts, topology, tried};
use crate::platform::broker::{BrokerError, Delivery};
use crate::platform::stage::StageName;

#[derive(Debug)]
pub(crate) struct Consumer {
    rabbit: Rabbit,
    stage: StageName,
    prefetch: u16,
    open: Option<(Channel, lapin::Consumer)>,
}

impl Consumer {
    pub(super) async fn open(rabbit: Rabbit, stage: StageName, prefetch: u16) -> Result<Self, BrokerError> {
        let open = Some(subscribe(&rabbit, stage, prefetch).await?);
        Ok(Self { rabbit, stage, prefetch, open })
    }

    pub(crate) async fn next(&mut self) -> Result<Delivery, BrokerError> {
        loop {
            let (channel, consumer) = match &mut self.open {
                Some(open) => open,
                None => self.open.insert(subscribe(&self.rabbit, self.stage, self.prefetch).await?),
            };
            match consumer.next().await {
                Some(Ok(delivery)) => {
                    let channel = channel.clone();
                    if let Some(delivery) = self.hand_out(channel, delivery).await? {
                        return Ok(delivery);
                    }
                }
                Some(Err(error)) => {
                    self.open = None;
                    return Err(error.into());
                }
                // RabbitMQ ended it: the queue is gone, or its leader moved away.
                None => {
                    self.open = None;
                    self.rabbit.link.forget(self.stage).await;
                    return Err(BrokerError::Unroutable(self.stage));
                }
            }
        }
    }

    /// None: the body was not readable and the delivery is among the dead ones now.
    async fn hand_out(&self, channel: Channel, delivery: Raw) -> Result<Option<Delivery>, BrokerError> {
        let attempt = attempts(delivery.properties.headers().as_ref()).saturating_add(1);
        let event = serde_json::from_slice(&delivery.data);
        let receipt =
            Receipt { rabbit: self.rabbit.clone(), stage: self.stage, raw: Some(delivery), _channel: channel };
        match event {
            Ok(event) => {
                let receipt = crate::platform::broker::Receipt::Rabbit(Box::new(receipt));
                Ok(Some(Delivery { event, attempt, receipt }))
            }
            Err(error) => {
                receipt.discard(attempt, &format!("unreadable event: {error}")).await?;
                Ok(None)
            }
        }
    }

    pub(crate) async fn close(mut self) -> Result<(), BrokerError> {
        let Some((channel, mut consumer)) = self.open.take() else { return Ok(()) };
        channel.basic_cancel(consumer.tag(), BasicCancelOptions::default()).await?;
        while let Some(Ok(unbegun)) = consumer.next().await {
            unbegun.acker.nack(REQUEUE).await?;
        }
        Ok(())
    }
}

async fn subscribe(
    rabbit: &Rabbit,
    stage: StageName,
    prefetch: u16,
) -> Result<(Channel, lapin::Consumer), BrokerError> {
    rabbit.link.declare(stage).await?;
    let channel = rabbit.link.channel().await?;
    channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
    let queue = topology::queue(stage).into();
    let consumer =
        channel.basic_consume(queue, "".into(), BasicConsumeOptions::default(), FieldTable::default()).await?;
    Ok((channel, consumer))
}

/// The right to settle one delivery. Dropped unsettled, the delivery goes back to its queue.
#[derive(Debug)]
pub(crate) struct Receipt {
    rabbit: Rabbit,
    stage: StageName,
    raw: Option<Raw>,
    /// Keeps the channel open until the last delivery of a closed consumer is settled.
    _channel: Channel,
}

impl Receipt {
    pub(crate) async fn ack(mut self) -> Result<(), BrokerError> {
        let raw = self.raw.take().ok_or(BrokerError::Lost)?;
        held(raw.acker.ack(BasicAckOptions::default()).await?)
    }

    /// First to the queue that waits, then off this one: a break between the two leaves a copy too many, never none.
    pub(crate) async fn retry(self, after: Duration, attempt: u32, error: &str) -> Result<(), BrokerError> {
        let message = Message { body: self.body(), headers: tried(attempt, error) };
        let queue = topology::queue(self.stage);
        let link = &self.rabbit.link;
        match topology::delay(after) {
            None => link.send("", &queue, self.stage, &[message]).await?,
            Some(delay_s) => {
                link.declare_retry(delay_s).await?;
                link.send(&topology::retry(delay_s), &queue, self.stage, &[message]).await?;
            }
        }
        self.ack().await
    }

    pub(crate) async fn discard(self, attempt: u32, error: &str) -> Result<(), BrokerError> {
        self.rabbit.bury(self.stage, self.body(), attempt, error).await?;
        self.ack().await
    }

    pub(crate) async fn give_back(mut self) -> Result<(), BrokerError> {
        let raw = self.raw.take().ok_or(BrokerError::Lost)?;
        held(raw.acker.nack(REQUEUE).await?)
    }

    fn body(&self) -> Vec<u8> {
        self.raw.as_ref().map(|raw| raw.data.clone()).unwrap_or_default()
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if let (Some(raw), Ok(runtime)) = (self.raw.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                // A link that is down gives everything back by itself.
                drop(raw.acker.nack(REQUEUE).await);
            });
        }
    }
}

const REQUEUE: BasicNackOptions = BasicNackOptions { requeue: true, multiple: false };

/// RabbitMQ takes a delivery back when its channel ends; what is said about it afterwards does not count.
fn held(said: bool) -> Result<(), BrokerError> {
    if said { Ok(()) } else { Err(BrokerError::Lost) }
}
