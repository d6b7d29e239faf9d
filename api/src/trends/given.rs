//! What was given to make up for something, and what became of promises.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::{HeaderName, header};
use jiff::Timestamp;
use jiff::civil::Date;
use models::taxonomy::{FactType, Topic};
use pipelines::events::Channel;
use pipelines::orders::{CityId, RestaurantId};
use pipelines::platform::page::Page;
use pipelines::trends::Scope;
use pipelines::trends::given::{self, BehindFigure, Cell, Exported, Figure, GivenContact, GivenLack};
use pipelines::trends::given::{PromiseState, TrendGiven};
use pipelines::trends::points::Period;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::body::Query;
use crate::server::bounded::{Count, Text};
use crate::server::errors::Refusals;
use crate::server::signed_in::Analysing;
use crate::server::{ApiError, State, paging};

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(trends_get_given))
        .routes(routes!(trends_list_given_contacts))
        .routes(routes!(trends_export_given))
}

/// Which contacts and which time; what is left out does not matter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GivenQuery {
    /// The main one.
    topic: Option<Topic>,
    city_id: Option<CityId>,
    channel: Option<Channel>,
    restaurant_id: Option<RestaurantId>,
    /// A moment of the first day; where it is left out, sixty days before the last.
    from: Option<Timestamp>,
    /// The first moment no longer asked for; its day counts whole. Where it is left out, now.
    to: Option<Timestamp>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum GivenFigure {
    Compensation,
    Promises,
}

/// Which figure's contacts to list; what is left out does not matter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GivenContactQuery {
    #[param(inline)]
    of: GivenFigure,
    #[serde(rename = "type")]
    #[param(rename = "type")]
    what: Option<FactType>,
    /// Of compensation: whether it was done before the contact ended.
    done: Option<bool>,
    /// Of compensation: whether it states a sum.
    summed: Option<bool>,
    /// Of promises.
    state: Option<PromiseState>,
    /// One local day instead of the period.
    #[param(value_type = Option<String>, format = Date)]
    day: Option<Date>,
    /// Only contacts that lack it.
    #[param(inline)]
    without: Option<GivenLack>,
    /// The main one.
    topic: Option<Topic>,
    city_id: Option<CityId>,
    channel: Option<Channel>,
    restaurant_id: Option<RestaurantId>,
    /// As for the figures.
    from: Option<Timestamp>,
    /// As for the figures.
    to: Option<Timestamp>,
    #[param(inline)]
    cursor: Option<Text<1, 200>>,
    #[param(inline)]
    limit: Option<Count<100>>,
}

/// Counts what was given to make up for something and what became of promises, by day, type, topic, city and channel.
#[utoipa::path(get, path = "/api/trends/given", tag = "trends", params(GivenQuery),
    responses((status = 200, body = TrendGiven), Refusals))]
async fn trends_get_given(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Query(query): Query<GivenQuery>,
) -> Result<Json<TrendGiven>, ApiError> {
    let (period, scope) = query.parts();
    Ok(Json(given::given(&state.store, &actor, period, scope).await?))
}

/// Lists the contacts behind such a figure, the latest first: nothing of what else was said in them, nor by whom.
#[utoipa::path(get, path = "/api/trends/given/contacts", tag = "trends", params(GivenContactQuery),
    responses((status = 200, body = Page<GivenContact>), Refusals))]
async fn trends_list_given_contacts(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Query(query): Query<GivenContactQuery>,
) -> Result<Json<Page<GivenContact>>, ApiError> {
    let figure = match query.of {
        GivenFigure::Compensation if query.state.is_none() => {
            Figure::Compensation { done: query.done, summed: query.summed }
        }
        GivenFigure::Promises if query.done.is_none() && query.summed.is_none() => {
            Figure::Promises { state: query.state }
        }
        _ => {
            let says = "the query does not fit: state is of promises, done and summed are of compensation";
            return Err(ApiError::bad_request(says));
        }
    };
    let behind = BehindFigure { figure, what: query.what, day: query.day, without: query.without };
    let (before, limit) = (paging::cursor(query.cursor.as_ref())?, paging::limit(query.limit));
    let GivenContactQuery { topic, city_id, channel, restaurant_id, from, to, .. } = query;
    let (period, scope) = GivenQuery { topic, city_id, channel, restaurant_id, from, to }.parts();
    Ok(Json(given::contacts(&state.store, &actor, period, scope, behind, before, limit).await?))
}

/// Gives all that is counted as a CSV file, one row for each day, topic, city, channel, type and state. The export is
/// audited.
#[utoipa::path(get, path = "/api/trends/given/export", tag = "trends", params(GivenQuery),
    responses((status = 200, content_type = "text/csv", body = String), Refusals))]
async fn trends_export_given(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Query(query): Query<GivenQuery>,
) -> Result<([(HeaderName, &'static str); 2], Vec<u8>), ApiError> {
    let (period, scope) = query.parts();
    let exported = given::export(&state.store, &actor, period, scope).await?;
    let file = csv(&exported).map_err(ApiError::internal)?;
    let name = "attachment; filename=\"given.csv\"";
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, name)], file))
}

impl GivenQuery {
    fn parts(&self) -> (Period, Scope) {
        let (city, channel, restaurant) = (self.city_id, self.channel, self.restaurant_id);
        (Period { from: self.from, to: self.to }, Scope { topic: self.topic, city, channel, restaurant })
    }
}

/// `state` of compensation is `done` or `owed`; a sum is in minor units, of all `n` together.
const COLUMNS: [&str; 10] = ["of", "day", "topic", "city", "channel", "type", "state", "n", "currency", "sum_minor"];

fn csv(exported: &Exported) -> Result<Vec<u8>, csv::Error> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(COLUMNS)?;
    for (cell, city) in &exported.compensation {
        let state = if cell.measure.done { "done" } else { "owed" };
        let (currency, sum) = match cell.measure.sum {
            Some(sum) => (sum.currency.as_str(), sum.minor.to_string()),
            None => ("", String::new()),
        };
        let [day, topic, city, channel, what, n] = row(cell, city.as_ref().map(|city| city.name.as_str()));
        file.write_record(["compensation", &day, &topic, &city, &channel, &what, state, &n, currency, &sum])?;
    }
    for (cell, city) in &exported.promises {
        let [day, topic, city, channel, what, n] = row(cell, city.as_ref().map(|city| city.name.as_str()));
        file.write_record(["promise", &day, &topic, &city, &channel, &what, cell.measure.as_str(), &n, "", ""])?;
    }
    file.into_inner().map_err(|cause| cause.into_error().into())
}

fn row<M>(cell: &Cell<M>, city: Option<&str>) -> [String; 6] {
    let topic = cell.topic.map(|topic| topic.to_string()).unwrap_or_default();
    let city = city.map(named).unwrap_or_default();
    let channel = cell.channel.as_str().to_owned();
    [cell.day.to_string(), topic, city, channel, cell.what.to_string(), cell.n.to_string()]
}

/// A name that no spreadsheet takes for a formula.
fn named(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@']) { format!("'{name}") } else { name.to_owned() }
}
