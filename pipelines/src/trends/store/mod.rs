//! The tables of trends.

pub(super) mod acts;
pub(super) mod alarms;
pub(super) mod alerts;
pub(super) mod compared;
pub(super) mod count;
pub(super) mod dishes;
pub(super) mod given;
pub(super) mod holidays;
pub(super) mod lead;
pub(super) mod places;
pub(super) mod points;
pub(super) mod rebuild;
pub(super) mod series;
pub(super) mod themes;
pub(super) mod wishes;

use models::taxonomy::Topic;

use super::Scope;
use crate::conversations::store::parsed;
use crate::events::Channel;
use crate::orders::{CityId, RestaurantId};
use crate::platform::store::StoreError;

/// The scope of a series or an alert as four columns have it.
pub(super) fn scope(
    topic: &str,
    city: Option<CityId>,
    channel: Option<Channel>,
    restaurant: Option<RestaurantId>,
) -> Result<Scope, StoreError> {
    Ok(Scope { topic: topic_of(topic)?, city, channel, restaurant })
}

/// The topic of a key; none where it stands for all.
pub(super) fn topic_of(key: &str) -> Result<Option<Topic>, StoreError> {
    if key.is_empty() { Ok(None) } else { parsed(key).map(Some) }
}
