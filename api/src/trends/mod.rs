//! What analysts look at: how many contacts are about what, what stands out, and what was made of it.

mod alerts;
mod export;
mod frames;
mod given;
mod holidays;
pub mod webhook;

use axum::Json;
use axum::extract::State as Shared;
use jiff::Timestamp;
use models::taxonomy::Topic;
use models::trends::Step;
use pipelines::events::Channel;
use pipelines::orders::{CityId, RestaurantId};
use pipelines::platform::page::Page;
use pipelines::trends::contacts::{self, Behind, TrendContact};
use pipelines::trends::points::{self, Period, StepWord, TrendOverview, TrendPlaces, TrendPoints};
use pipelines::trends::{Scope, TrendError};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::body::Query;
use crate::server::bounded::{Count, Text};
use crate::server::errors::Refusals;
use crate::server::signed_in::Analysing;
use crate::server::{ApiError, State, paging};

pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(trends_list_places))
        .routes(routes!(trends_get_overview))
        .routes(routes!(trends_get_points))
        .routes(routes!(trends_list_contacts))
        .routes(routes!(export::trends_export_points))
        .routes(routes!(frames::trends_list_frames))
        .merge(given::routes())
        .merge(alerts::routes())
        .merge(holidays::routes())
}

/// Which contacts and which time; what is left out does not matter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OverviewQuery {
    step: StepWord,
    city_id: Option<CityId>,
    channel: Option<Channel>,
    restaurant_id: Option<RestaurantId>,
    /// The first moment; where it is left out, as far back as a chart of the step usually goes.
    from: Option<Timestamp>,
    /// The first moment no longer asked for; where it is left out, now.
    to: Option<Timestamp>,
}

/// Which series and which time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PointQuery {
    step: StepWord,
    topic: Option<Topic>,
    city_id: Option<CityId>,
    channel: Option<Channel>,
    restaurant_id: Option<RestaurantId>,
    /// The first moment; where it is left out, as far back as a chart of the step usually goes.
    from: Option<Timestamp>,
    /// The first moment no longer asked for; where it is left out, now.
    to: Option<Timestamp>,
}

/// Which step of which series.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ContactQuery {
    step: StepWord,
    /// The beginning of one step, as a point has it.
    at: Option<Timestamp>,
    /// Instead of `at`: the first moment, as for the points.
    from: Option<Timestamp>,
    /// Instead of `at`: the first moment no longer asked for, as for the points.
    to: Option<Timestamp>,
    topic: Option<Topic>,
    city_id: Option<CityId>,
    channel: Option<Channel>,
    restaurant_id: Option<RestaurantId>,
    #[param(inline)]
    cursor: Option<Text<1, 200>>,
    #[param(inline)]
    limit: Option<Count<100>>,
}

/// Lists the cities and kitchens that trends can be narrowed to.
#[utoipa::path(get, path = "/api/trends/places", tag = "trends", responses((status = 200, body = TrendPlaces), Refusals))]
async fn trends_list_places(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
) -> Result<Json<TrendPlaces>, ApiError> {
    Ok(Json(points::places(&state.store, &actor).await?))
}

/// Gives the series of all contacts and of each topic.
#[utoipa::path(get, path = "/api/trends/overview", tag = "trends", params(OverviewQuery),
    responses((status = 200, body = TrendOverview), Refusals))]
async fn trends_get_overview(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Query(query): Query<OverviewQuery>,
) -> Result<Json<TrendOverview>, ApiError> {
    let period = Period { from: query.from, to: query.to };
    let (city, channel, restaurant) = (query.city_id, query.channel, query.restaurant_id);
    let within = Scope { topic: None, city, channel, restaurant };
    Ok(Json(points::overview(&state.store, &actor, query.step.into(), period, within).await?))
}

/// Gives one series with what was to be expected, how that comes about, and its alerts.
#[utoipa::path(get, path = "/api/trends/points", tag = "trends", params(PointQuery),
    responses((status = 200, body = TrendPoints), Refusals))]
async fn trends_get_points(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Query(query): Query<PointQuery>,
) -> Result<Json<TrendPoints>, ApiError> {
    let (step, period, scope) = query.parts();
    Ok(Json(points::points(&state.store, &actor, step, period, scope).await?))
}

/// Lists the contacts that a point counts, the latest first: nothing of what was said in them, nor by whom.
#[utoipa::path(get, path = "/api/trends/contacts", tag = "trends", params(ContactQuery),
    responses((status = 200, body = Page<TrendContact>), Refusals))]
async fn trends_list_contacts(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Query(query): Query<ContactQuery>,
) -> Result<Json<Page<TrendContact>>, ApiError> {
    let scope =
        Scope { topic: query.topic, city: query.city_id, channel: query.channel, restaurant: query.restaurant_id };
    let (before, limit) = (paging::cursor(query.cursor.as_ref())?, paging::limit(query.limit));
    let behind = match query.at {
        Some(_) if query.from.is_some() || query.to.is_some() => {
            return Err(ApiError::bad_request("the query does not fit: give at, or from and to"));
        }
        Some(at) => Behind::Point(at),
        None => Behind::Period(Period { from: query.from, to: query.to }),
    };
    let step = (query.step.into(), behind);
    Ok(Json(contacts::contacts(&state.store, &actor, step, scope, before, limit).await?))
}

impl PointQuery {
    fn parts(&self) -> (Step, Period, Scope) {
        let (city, channel, restaurant) = (self.city_id, self.channel, self.restaurant_id);
        let scope = Scope { topic: self.topic, city, channel, restaurant };
        (self.step.into(), Period { from: self.from, to: self.to }, scope)
    }
}

impl From<TrendError> for ApiError {
    fn from(cause: TrendError) -> Self {
        match cause {
            TrendError::Store(cause) => cause.into(),
            TrendError::Forbidden(_) => Self::forbidden(cause.to_string()),
            TrendError::NotFound => Self::not_found(),
            TrendError::TooLong | TrendError::TooFar | TrendError::OffStep => Self::bad_request(cause.to_string()),
        }
    }
}
