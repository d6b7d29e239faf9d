//! The connection: opened when needed, opened again when it broke, with one channel that publishes.

use std::collections::HashSet;
use std::time::Duration;

use lapin::message::BasicReturnMessage;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::FieldTable;
use lapin::uri::AMQPUri;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::topology;
use crate::platform::broker::BrokerError;
use crate::platform::stage::StageName;

/// Longest wait for a connection and for a confirmation; shorter than a relay's lease.
const PATIENCE: Duration = Duration::from_secs(5);

/// Silence after which a link counts as broken, in seconds.
const HEARTBEAT_S: u16 = 10;

/// AMQP's mark for a message that survives a restart.
const PERSISTENT: u8 = 2;

pub(super) struct Link {
    uri: AMQPUri,
    open: Mutex<Option<Open>>,
}

struct Open {
    connection: Connection,
    publisher: Channel,
    declared: HashSet<Declared>,
}

#[derive(PartialEq, Eq, Hash)]
enum Declared {
    Stage(StageName),
    Retry(u32),
}

/// What is sent.
pub(super) struct Message {
    pub(super) body: Vec<u8>,
    pub(super) headers: FieldTable,
}

impl Link {
    pub(super) async fn open(url: &SecretString) -> Result<Self, BrokerError> {
        let mut uri: AMQPUri = url.expose_secret().parse().map_err(|_| BrokerError::Address)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT_S);
        let link = Self { uri, open: Mutex::default() };
        link.channel().await?;
        Ok(link)
    }

    /// A new channel on the connection that stands.
    pub(super) async fn channel(&self) -> Result<Channel, BrokerError> {
        let mut open = self.open.lock().await;
        let open = self.standing(&mut open).await?;
        in_time(open.connection.create_channel()).await
    }

    /// Declares a stage's queues, once a connection.
    pub(super) async fn declare(&self, stage: StageName) -> Result<(), BrokerError> {
        let mut open = self.open.lock().await;
        let open = self.standing(&mut open).await?;
        if !open.declared.contains(&Declared::Stage(stage)) {
            in_time(topology::declare_stage(&open.publisher, stage)).await?;
            open.declared.insert(Declared::Stage(stage));
        }
        Ok(())
    }

    /// Declares the queue of a delay, once a connection.
    pub(super) async fn declare_retry(&self, delay_s: u32) -> Result<(), BrokerError> {
        let mut open = self.open.lock().await;
        let open = self.standing(&mut open).await?;
        if !open.declared.contains(&Declared::Retry(delay_s)) {
            in_time(topology::declare_retry(&open.publisher, delay_s)).await?;
            open.declared.insert(Declared::Retry(delay_s));
        }
        Ok(())
    }

    /// A stage's queues are declared again with the next use: they turned out to be gone.
    pub(super) async fn forget(&self, stage: StageName) {
        if let Some(open) = self.open.lock().await.as_mut() {
            open.declared.remove(&Declared::Stage(stage));
        }
    }

    /// Publishes and waits until RabbitMQ has confirmed each message and routed it to a queue.
    pub(super) async fn send(
        &self,
        exchange: &str,
        key: &str,
        stage: StageName,
        messages: &[Message],
    ) -> Result<(), BrokerError> {
        let publisher = {
            let mut open = self.open.lock().await;
            self.standing(&mut open).await?.publisher.clone()
        };
        let outcome = timeout(PATIENCE, confirmed(&publisher, exchange, key, stage, messages)).await;
        let outcome = outcome.unwrap_or(Err(BrokerError::Late));
        if let Err(BrokerError::Unroutable(_)) = outcome {
            self.forget(stage).await;
        }
        outcome
    }

    async fn standing<'a>(&self, open: &'a mut Option<Open>) -> Result<&'a mut Open, BrokerError> {
        let stands = |open: &Open| open.connection.status().connected() && open.publisher.status().connected();
        if !open.as_ref().is_some_and(stands) {
            *open = None;
        }
        match open {
            Some(open) => Ok(open),
            None => Ok(open.insert(self.connect().await?)),
        }
    }

    async fn connect(&self) -> Result<Open, BrokerError> {
        let properties = ConnectionProperties::default().with_connection_name("okno".into());
        let connection = in_time(Connection::connect_uri(self.uri.clone(), properties)).await?;
        let publisher = in_time(connection.create_channel()).await?;
        in_time(publisher.confirm_select(ConfirmSelectOptions::default())).await?;
        Ok(Open { connection, publisher, declared: HashSet::new() })
    }
}

async fn confirmed(
    publisher: &Channel,
    exchange: &str,
    key: &str,
    stage: StageName,
    messages: &[Message],
) -> Result<(), BrokerError> {
    let mandatory = BasicPublishOptions { mandatory: true, ..Default::default() };
    let mut confirms = Vec::with_capacity(messages.len());
    for message in messages {
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_content_type("application/json".into())
            .with_headers(message.headers.clone());
        confirms
            .push(publisher.basic_publish(exchange.into(), key.into(), mandatory, &message.body, properties).await?);
    }
    for confirm in confirms {
        match confirm.await? {
            Confirmation::Ack(None) => {}
            Confirmation::Ack(Some(BasicReturnMessage { .. })) => return Err(BrokerError::Unroutable(stage)),
            Confirmation::Nack(_) | Confirmation::NotRequested => return Err(BrokerError::Refused(stage)),
        }
    }
    Ok(())
}

async fn in_time<T>(work: impl Future<Output = Result<T, lapin::Error>>) -> Result<T, BrokerError> {
    Ok(timeout(PATIENCE, work).await.map_err(|_| BrokerError::Late)??)
}

impl std::fmt::Debug for Link {
    /// Without the address: it holds a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}
