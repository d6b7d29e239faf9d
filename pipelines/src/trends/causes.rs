//! Which part of the contacts explains that more came.

use models::trends::Step;
use models::trends::causes::{Cube, explain};
use sqlx::PgPool;

use super::Scope;
use super::alerts::TrendCause;
use super::atlas::{Atlas, after};
use super::raise::Open;
use super::store::count::{self, Compared};
use super::store::points::Span;
use crate::events::Channel;
use crate::orders::{CityId, RestaurantId};
use crate::platform::store::StoreError;

/// What explains an alert from its beginning to the last peak of a series in it, against the same hours of the weeks before; nothing where no
/// week lies before it, or nothing stands out.
///
/// Dishes are no part of the cube: a contact counts once, and an order has several.
pub(super) async fn of(pool: &PgPool, atlas: &Atlas, open: &Open) -> Result<Vec<TrendCause>, StoreError> {
    let from = atlas.key_of(&open.scope, open.step, open.began);
    let peak = after(open.step, open.peak.at);
    let span = Span::of(open.step, from, if open.step < Step::Day { peak.max(open.until) } else { peak });
    let leaves = count::compared(pool, span, &open.scope).await?;
    let free = free(&open.scope);
    let Ok(mut cube) = Cube::new(free.iter().map(|(name, _)| (*name).to_owned()).collect()) else {
        return Ok(Vec::new());
    };
    for leaf in &leaves {
        let values: Vec<String> = free.iter().map(|(_, value)| value(leaf)).collect();
        if let Err(error) = cube.add(&values, leaf.expected, leaf.actual) {
            tracing::error!(%error, "a count was left out of the search for causes");
        }
    }
    let found = tokio::task::spawn_blocking(move || explain(&cube).causes).await.unwrap_or_default();
    Ok(found.into_iter().map(|cause| named(atlas, cause)).filter(|cause| *cause != bare(cause)).collect())
}

type Attribute = (&'static str, fn(&Compared) -> String);

/// What contacts of a scope still differ in.
fn free(scope: &Scope) -> Vec<Attribute> {
    fn word<T: ToString>(value: Option<T>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    let all: [(bool, Attribute); 4] = [
        (scope.topic.is_none(), ("topic", |leaf| word(leaf.topic))),
        (scope.city.is_none(), ("city", |leaf| word(leaf.city))),
        (scope.channel.is_none(), ("channel", |leaf| leaf.channel.as_str().to_owned())),
        (scope.restaurant.is_none(), ("restaurant", |leaf| word(leaf.restaurant))),
    ];
    all.into_iter().filter(|(free, _)| *free).map(|(_, attribute)| attribute).collect()
}

/// The cause with names in place of ids.
fn named(atlas: &Atlas, cause: models::trends::causes::Cause) -> TrendCause {
    let value =
        |name: &str| cause.place.iter().find(|(attribute, _)| attribute == name).map(|(_, value)| value.as_str());
    TrendCause {
        topic: value("topic").and_then(|word| word.parse().ok()),
        city: atlas.city(value("city").and_then(|id| id.parse::<CityId>().ok())),
        channel: value("channel").and_then(|word| word.parse::<Channel>().ok()),
        restaurant: atlas.restaurant(value("restaurant").and_then(|id| id.parse::<RestaurantId>().ok())),
        excess: cause.excess,
        share: cause.share,
        score: cause.score,
    }
}

/// The same without a condition: what has no city or kitchen is no place to look at.
fn bare(cause: &TrendCause) -> TrendCause {
    TrendCause { topic: None, city: None, channel: None, restaurant: None, ..cause.clone() }
}
