//! One reader of the log a process; it loads what changed once and hands it to every connection that listens.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use pipelines::{
    conversations::view::{self, ContactSummary},
    events::{ContactId, Event, EventBody},
    platform::{
        log::{Entry, Tail},
        signals::{Signal, Signals},
        store::{Store, StoreError},
    },
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{build, frame::Frame};

/// Pushes a connection may fall behind before it is cut; the client comes back and asks for what it missed.
const BACKLOG: usize = 512;

/// Pause before the log is read again after an error.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// What the hub hands to a connection.
#[derive(Clone, Debug)]
pub enum Push {
    /// Frames of a contact that the connection listens to, in order.
    Frames { contact: ContactId, frames: Arc<[Frame]> },
    /// How contacts stand now, whoever's they are: the connection knows what its operator may see.
    Summaries(Arc<[ContactSummary]>),
    /// Frames of alerts, in order.
    Alerts(Arc<[Frame]>),
    /// Something that passes, of a contact that the connection listens to.
    Signal(Signal),
}

/// Hands out what happens to whoever listens. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hub {
    pub(super) store: Store,
    pub(super) signals: Signals,
    listeners: Arc<Mutex<Listeners>>,
}

#[derive(Debug, Default)]
struct Listeners {
    connections: HashMap<Uuid, Connection>,
    by_contact: HashMap<ContactId, HashSet<Uuid>>,
}

#[derive(Debug)]
struct Connection {
    pushes: mpsc::Sender<Push>,
    /// Whether it wants to know how all contacts stand.
    summaries: bool,
    contacts: HashSet<ContactId>,
    /// Whether it follows alerts.
    alerts: bool,
}

impl Hub {
    pub fn new(store: &Store) -> Self {
        Self { store: store.clone(), signals: Signals::new(store), listeners: Arc::default() }
    }

    /// Reads the log from its end and listens to signals until `stop`.
    ///
    /// Begin with it before the first connection: what is committed before the tail stands at the log's end is seen by
    /// nobody.
    pub async fn follow(&self, stop: CancellationToken) {
        tokio::join!(
            self.signals.listen(stop.clone()),
            self.follow_signals(stop.clone()),
            stop.run_until_cancelled(self.follow_log()),
        );
        self.lock().close_all();
    }

    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// Opens a listener. It is closed when the receiver is dropped or falls too far behind.
    pub fn listen(&self, connection: Uuid, summaries: bool) -> mpsc::Receiver<Push> {
        let (pushes, receiver) = mpsc::channel(BACKLOG);
        self.lock()
            .connections
            .insert(connection, Connection { pushes, summaries, contacts: HashSet::new(), alerts: false });
        receiver
    }

    /// From now on the connection gets the contact's frames. Call before reading what was: nothing falls between.
    pub fn subscribe(&self, connection: Uuid, contact: ContactId) {
        let mut listeners = self.lock();
        let Listeners { connections, by_contact } = &mut *listeners;
        if let Some(entry) = connections.get_mut(&connection) {
            entry.contacts.insert(contact);
            by_contact.entry(contact).or_default().insert(connection);
        }
    }

    /// From now on the connection gets the frames of alerts. Call before reading what was: nothing falls between.
    pub fn subscribe_to_alerts(&self, connection: Uuid) {
        if let Some(entry) = self.lock().connections.get_mut(&connection) {
            entry.alerts = true;
        }
    }

    pub fn unsubscribe(&self, connection: Uuid, contact: ContactId) {
        let mut listeners = self.lock();
        if let Some(entry) = listeners.connections.get_mut(&connection) {
            entry.contacts.remove(&contact);
        }
        listeners.forget(connection, contact);
    }

    pub fn close(&self, connection: Uuid) {
        self.lock().close(connection);
    }

    /// After an error the tail goes on where it stood, so nothing is missed; only the delay is felt.
    async fn follow_log(&self) {
        let mut tail = loop {
            match Tail::from_end(&self.store).await {
                Ok(tail) => break tail,
                Err(error) => wait_after(&error).await,
            }
        };
        // whoever connected before the tail stood at the end may have missed something
        self.lock().close_all();
        loop {
            match tail.next().await {
                Ok(entries) => {
                    if let Err(error) = self.pass_on(entries).await {
                        wait_after(&error).await;
                        self.lock().close_all();
                    }
                }
                Err(error) => wait_after(&error).await,
            }
        }
    }

    async fn pass_on(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        let events: Vec<Event> = entries.into_iter().map(|entry| entry.event).collect();
        let (followed, anybody) = {
            let listeners = self.lock();
            let followed: Vec<Event> = events
                .iter()
                .filter(|event| event.contact_id.is_some_and(|id| listeners.by_contact.contains_key(&id)))
                .cloned()
                .collect();
            (followed, listeners.connections.values().any(|connection| connection.summaries))
        };
        for (contact, frames) in build::frames(&self.store, &followed).await? {
            let frames: Arc<[Frame]> = frames.into();
            self.lock().push_to(contact, || Push::Frames { contact, frames: frames.clone() });
        }
        let changed = events.iter().filter(|event| changes_lists(&event.body));
        let changed: HashSet<_> = changed.filter_map(|event| event.contact_id).collect();
        if anybody && !changed.is_empty() {
            let changed: Vec<_> = changed.into_iter().collect();
            let summaries: Arc<[ContactSummary]> = view::summaries(&self.store, &changed).await?.into();
            self.lock().push_to_all(|connection| connection.summaries, || Push::Summaries(summaries.clone()));
        }
        let alerts: Arc<[Frame]> = build::alerts(&self.store, &events).await?.into();
        if !alerts.is_empty() {
            self.lock().push_to_all(|connection| connection.alerts, || Push::Alerts(alerts.clone()));
        }
        Ok(())
    }

    async fn follow_signals(&self, stop: CancellationToken) {
        let mut heard = self.signals.subscribe();
        loop {
            let signal = tokio::select! {
                () = stop.cancelled() => return,
                signal = heard.recv() => signal,
            };
            if let Ok(signal) = signal {
                self.lock().push_to(signal.contact_id(), || Push::Signal(signal.clone()));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Listeners> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a contact may look different in a list afterwards.
fn changes_lists(body: &EventBody) -> bool {
    !matches!(
        body,
        EventBody::SummaryAsked {}
            | EventBody::SummaryReady { .. }
            | EventBody::SuggestionReady { .. }
            | EventBody::DeliveryChanged { .. }
            | EventBody::AlertChanged { .. }
    )
}

/// PostgreSQL is away: frames wait until it is back.
async fn wait_after(error: &StoreError) {
    tracing::warn!(%error, "live frames wait for the database");
    tokio::time::sleep(AGAIN_AFTER).await;
}

impl Listeners {
    fn push_to(&mut self, contact: ContactId, push: impl Fn() -> Push) {
        let Some(ids) = self.by_contact.get(&contact) else { return };
        let slow: Vec<Uuid> = ids.iter().copied().filter(|id| !self.offer(*id, &push)).collect();
        slow.into_iter().for_each(|id| self.close(id));
    }

    fn push_to_all(&mut self, wants: impl Fn(&Connection) -> bool, push: impl Fn() -> Push) {
        let wanting = self.connections.iter().filter(|(_, connection)| wants(connection)).map(|(id, _)| *id);
        let slow: Vec<Uuid> = wanting.filter(|id| !self.offer(*id, &push)).collect();
        slow.into_iter().for_each(|id| self.close(id));
    }

    /// False where the connection is gone or cannot keep up.
    fn offer(&self, id: Uuid, push: &impl Fn() -> Push) -> bool {
        self.connections.get(&id).is_some_and(|connection| connection.pushes.try_send(push()).is_ok())
    }

    fn close(&mut self, id: Uuid) {
        if let Some(connection) = self.connections.remove(&id) {
            connection.contacts.into_iter().for_each(|contact| self.forget(id, contact));
        }
    }

    fn close_all(&mut self) {
        self.connections.clear();
        self.by_contact.clear();
    }

    fn forget(&mut self, id: Uuid, contact: ContactId) {
        if let Some(ids) = self.by_contact.get_mut(&contact) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_contact.remove(&contact);
            }
        }
    }
}
