//! The stage that counts: what a contact is counted as follows what is known of it.

use jiff::Timestamp;
use jiff::civil::Date;
use models::taxonomy::Topic;
use models::trends::Step;

use super::atlas::{Atlas, floor};
use super::scope::NONE;
use super::{dishes, store};
use crate::events::{Channel, ContactId, ContactState, CustomerId, Event, EventBody};
use crate::orders::{CityId, RestaurantId};
use crate::platform::stage::{Stage, StageError, StageName};
use crate::platform::store::{Change, Store, StoreError};

/// Counts contacts by topic and place in the five minutes of their first message.
#[derive(Clone, Debug)]
pub struct Count {
    store: Store,
}

impl Count {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Moves what the contact is counted as to what it is now. Under its lock, so of two moves the later knows more.
    async fn count(&self, customer: CustomerId, contact: ContactId) -> Result<(), StoreError> {
        let home = Atlas::home_of(&self.store).await?;
        let mut change = self.store.begin().await?;
        store::count::share(change.conn()).await?;
        store::count::lock(change.conn(), customer, contact).await?;
        let one = [(customer, contact)];
        let dishes = dishes::of(change.conn(), &one).await?;
        let moved = store::count::count(change.conn(), &one, &dishes, &home).await?;
        if !moved.is_empty() {
            store::count::move_points(change.conn(), &moved).await?;
        }
        // also where nothing moved: the dish of the contact may be another
        change.commit().await
    }
}

impl Stage for Count {
    const NAME: StageName = StageName::new("trend");

    fn wants(body: &EventBody) -> bool {
        match body {
            EventBody::InsightReady { message_id, .. } => message_id.is_none(),
            // whoever closes may name a topic where no model has read anything
            EventBody::StateChanged { to, .. } => *to == ContactState::Closed,
            _ => false,
        }
    }

    async fn run(&self, event: &Event) -> Result<(), StageError> {
        let Some(contact) = event.contact_id else { return Ok(()) };
        self.count(event.customer_id, contact).await.map_err(StageError::from)
    }
}

/// A contact of the past of which only is known what it counts as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Past {
    pub at: Timestamp,
    /// The same in the local time of its city.
    pub day: Date,
    pub topic: Topic,
    pub city: Option<CityId>,
    pub channel: Channel,
    pub restaurant: Option<RestaurantId>,
}

/// Counts what nobody can open: the past of a demonstration.
pub async fn count_past(change: &mut Change, past: &[Past]) -> Result<(), StoreError> {
    let mut leaves = store::count::Leaves::new();
    for one in past {
        let five = floor(one.at, Step::FiveMinutes);
        for topic in ["", one.topic.as_str()] {
            let (city, restaurant) = (one.city.map_or(NONE, |it| it.0), one.restaurant.map_or(NONE, |it| it.0));
            let key = (five, topic, city, one.channel.as_str(), restaurant);
            leaves.entry(key).or_insert((one.day, 0)).1 += 1;
        }
    }
    store::count::put_past(change.conn(), &leaves).await
}

/// Counts contacts of which no event tells, each of a city: the talks of a demonstration.
pub async fn count_told(change: &mut Change, contacts: &[(CustomerId, ContactId)]) -> Result<(), StoreError> {
    let dishes = dishes::of(change.conn(), contacts).await?;
    store::count::count(change.conn(), contacts, &dishes, "UTC").await?;
    Ok(())
}
