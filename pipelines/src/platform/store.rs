//! The store and its transaction: state and the events about it are committed together or not at all.

use std::sync::Arc;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool, Postgres};
use tokio::sync::Notify;

use super::clock::Clock;
use crate::events::{ContactId, CustomerId, Event, EventBody, EventId, OperatorId};

/// Parts of the log; a customer's events always stand in the same one.
pub const PARTS: i16 = 64;

/// Access to PostgreSQL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    clock: Clock,
    appended: Arc<Notify>,
}

impl Store {
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self { pool, clock, appended: Arc::default() }
    }

    /// For reads outside a transaction.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Wakes readers of the log in this process after each commit that appended something.
    pub fn appended(&self) -> Arc<Notify> {
        self.appended.clone()
    }

    /// Begins a change. All its rows and events bear one time.
    pub async fn begin(&self) -> Result<Change, StoreError> {
        let tx = self.pool.begin().await?;
        Ok(Change {
            tx,
            at: self.clock.now(),
            clock: self.clock.clone(),
            appended: self.appended.clone(),
            events: Vec::new(),
        })
    }
}

/// A transaction that carries its events. Dropped without [`Change::commit`], nothing of it remains.
#[derive(Debug)]
pub struct Change {
    tx: sqlx::Transaction<'static, Postgres>,
    at: Timestamp,
    clock: Clock,
    appended: Arc<Notify>,
    events: Vec<Event>,
}

impl Change {
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    pub fn at(&self) -> Timestamp {
        self.at
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Appends an event of a contact and gives the contact's new `seq`.
    ///
    /// Locks the contact's row until the end of the change: whoever writes to a contact writes alone.
    pub async fn append(
        &mut self,
        customer: CustomerId,
        contact: ContactId,
        actor: Option<OperatorId>,
        body: EventBody,
    ) -> Result<i64, StoreError> {
        let seq = sqlx::query_scalar!(
            "UPDATE contact SET last_seq = last_seq + 1 WHERE customer_id = $1 AND id = $2 RETURNING last_seq",
            customer.0,
            contact.0,
        )
        .fetch_one(&mut *self.tx)
        .await?;
        self.push(customer, Some((contact, seq)), actor, body);
        Ok(seq)
    }

    /// Appends an event of a customer that belongs to no contact.
    pub fn append_to_customer(&mut self, customer: CustomerId, actor: Option<OperatorId>, body: EventBody) {
        self.push(customer, None, actor, body);
    }

    fn push(
        &mut self,
        customer_id: CustomerId,
        contact: Option<(ContactId, i64)>,
        actor_id: Option<OperatorId>,
        body: EventBody,
    ) {
        self.events.push(Event {
            id: EventId::new(&self.clock),
            v: body.version(),
            at: self.at,
            customer_id,
            contact_id: contact.map(|(id, _)| id),
            seq: contact.map(|(_, seq)| seq),
            actor_id,
            body,
        });
    }

    /// Writes the events at the next positions of their parts and commits.
    ///
    /// Parts are locked last and in order, so changes cannot deadlock over them, and are held only until the commit.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if self.events.is_empty() {
            return Ok(self.tx.commit().await?);
        }
        self.events.sort_by_key(|event| part_of(event.customer_id));
        let mut next = 0;
        let mut held = None;
        for event in std::mem::take(&mut self.events) {
            let part = part_of(event.customer_id);
            if held != Some(part) {
                next = self.lock_part(part).await?;
                held = Some(part);
            }
            next += 1;
            self.write(part, next, &event).await?;
        }
        self.tx.commit().await?;
        self.appended.notify_waiters();
        Ok(())
    }

    async fn lock_part(&mut self, part: i16) -> Result<i64, StoreError> {
        let position = sqlx::query_scalar!("SELECT position FROM log_part WHERE part = $1 FOR UPDATE", part)
            .fetch_one(&mut *self.tx)
            .await?;
        Ok(position)
    }

    async fn write(&mut self, part: i16, position: i64, event: &Event) -> Result<(), StoreError> {
        let body = serde_json::to_value(&event.body).map_err(StoreError::Encode)?;
        let data = body.get("data").cloned().unwrap_or_default();
        sqlx::query!(
            "WITH moved AS (UPDATE log_part SET position = $2 WHERE part = $1)
             INSERT INTO event (part, position, at, id, type, v, customer_id, contact_id, seq, actor_id, data)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            part,
            position,
            event.at.to_sqlx() as _,
            event.id.0,
            event.body.kind(),
            event.v,
            event.customer_id.0,
            event.contact_id.map(|id| id.0),
            event.seq,
            event.actor_id.map(|id| id.0),
            data,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

/// The part of the log that holds a customer's events: the low bits of the random end of the id.
pub fn part_of(customer: CustomerId) -> i16 {
    i16::from(customer.0.as_bytes()[15]) % PARTS
}

/// What can go wrong between us and PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database did not answer as expected; check DATABASE_URL and the server's log: {0}")]
    Database(#[from] sqlx::Error),
    #[error("a stored value could not be written as JSON: {0}")]
    Encode(#[source] serde_json::Error),
    #[error("a stored value could not be read; was the database written by a newer version? {0}")]
    Decode(#[source] serde_json::Error),
}

impl StoreError {
    /// Whether it is likely to pass by itself: the server is away, starting, stopping or full, or changes collided.
    ///
    /// SQLSTATE classes 08 (connection), 40 (rollback), 53 (resources), 57 (operator intervention).
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => true,
            Self::Database(sqlx::Error::Database(refusal)) => {
                refusal.code().is_some_and(|code| ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)))
            }
            Self::Database(_) | Self::Encode(_) | Self::Decode(_) => false,
        }
    }
}
