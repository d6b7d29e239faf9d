//! The store and its transaction: state and the events about it are committed together or not at all.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool, Postgres};
use tokio::sync::watch;

use super::clock::Clock;
use super::wake::{Topic, Wake};
use crate::events::{ContactId, CustomerId, Event, EventBody, EventId, NOBODY, OperatorId};

/// Parts of the log; a customer's events always stand in the same one.
pub const PARTS: i16 = 64;

/// Access to PostgreSQL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    clock: Clock,
    wake: Wake,
}

impl Store {
    /// Takes over a pool of connections. Inside a runtime only: what goes on in other processes is listened for.
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        let wake = Wake::start(pool.clone(), &clock);
        Self { pool, clock, wake }
    }

    /// For reads outside a transaction.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Changes after each commit that appended something, in this process or in another one. A hint to read, sometimes
    /// late and, when PostgreSQL was away, sometimes missing: readers look by themselves four times a second.
    pub fn appended(&self) -> watch::Receiver<()> {
        self.wake.subscribe(Topic::Log)
    }

    pub(super) fn wake(&self) -> &Wake {
        &self.wake
    }

    /// Begins a change. All its rows and events bear one time.
    pub async fn begin(&self) -> Result<Change, StoreError> {
        let tx = self.pool.begin().await?;
        Ok(Change { tx, at: self.clock.now(), clock: self.clock.clone(), wake: self.wake.clone(), events: Vec::new() })
    }
}

/// A transaction that carries its events. Dropped without [`Change::commit`], nothing of it remains.
#[derive(Debug)]
pub struct Change {
    tx: sqlx::Transaction<'static, Postgres>,
    at: Timestamp,
    clock: Clock,
    wake: Wake,
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

    /// Appends an event of no customer.
    pub fn append_to_nobody(&mut self, actor: Option<OperatorId>, body: EventBody) {
        self.push(NOBODY, None, actor, body);
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
        let mut events = std::mem::take(&mut self.events);
        events.sort_by_key(|event| part_of(event.customer_id));
        for of_part in events.chunk_by(|one, next| part_of(one.customer_id) == part_of(next.customer_id)) {
            self.write(part_of(of_part[0].customer_id), of_part).await?;
        }
        self.tx.commit().await?;
        if !events.is_empty() {
            self.wake.ring([Topic::Log]);
        }
        Ok(())
    }

    /// Takes positions and fills them in one statement: the part is locked no longer than that and the commit.
    async fn write(&mut self, part: i16, events: &[Event]) -> Result<(), StoreError> {
        let mut data = Vec::with_capacity(events.len());
        for event in events {
            let mut body = serde_json::to_value(&event.body).map_err(StoreError::Encode)?;
            data.push(body.get_mut("data").map(serde_json::Value::take).unwrap_or_default());
        }
        let column = |of: fn(&Event) -> Option<uuid::Uuid>| events.iter().map(of).collect::<Vec<_>>();
        let written = sqlx::query!(
            "WITH moved AS (
                 UPDATE log_part SET position = position + cardinality($3::uuid[]) WHERE part = $1
                 RETURNING position - cardinality($3::uuid[]) AS base
             )
             INSERT INTO event (part, position, at, id, type, v, customer_id, contact_id, seq, actor_id, data)
             SELECT $1, moved.base + new.n, $2, new.id, new.type, new.v, new.customer_id, new.contact_id, new.seq,
                    new.actor_id, new.data
             FROM moved, unnest($3::uuid[], $4::text[], $5::smallint[], $6::uuid[], $7::uuid[], $8::bigint[],
                                $9::uuid[], $10::jsonb[])
                 WITH ORDINALITY AS new (id, type, v, customer_id, contact_id, seq, actor_id, data, n)",
            part,
            self.at.to_sqlx() as _,
            &column(|event| Some(event.id.0)) as _,
            &events.iter().map(|event| event.body.kind().to_owned()).collect::<Vec<_>>(),
            &events.iter().map(|event| event.v).collect::<Vec<_>>(),
            &column(|event| Some(event.customer_id.0)) as _,
            &column(|event| event.contact_id.map(|id| id.0)) as _,
            &events.iter().map(|event| event.seq).collect::<Vec<_>>() as _,
            &column(|event| event.actor_id.map(|id| id.0)) as _,
            &data,
        )
        .execute(&mut *self.tx)
        .await?;
        if written.rows_affected() != events.len() as u64 {
            return Err(StoreError::Database(sqlx::Error::RowNotFound));
        }
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
