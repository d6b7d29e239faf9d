//! Holidays: the calendar's, and what people say of a day.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use jiff::civil::Date;
use models::country::Country;
use pipelines::trends::holidays::{self, HolidayError, HolidayId, HolidayKind, HolidayList, NewHoliday, OwnHoliday};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::body::{Body, Path, Query};
use crate::server::bounded::Text;
use crate::server::errors::Refusals;
use crate::server::signed_in::Analysing;
use crate::server::{ApiError, State};

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(trends_list_holidays, trends_say_holiday)).routes(routes!(trends_undo_holiday))
}

/// Which holidays to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HolidayQuery {
    country: Country,
    /// The first day.
    from: Date,
    /// The last day, three years after the first at most.
    to: Date,
}

/// Lists the days of a country of which the calendar or somebody says something.
#[utoipa::path(get, path = "/api/trends/holidays", tag = "trends", params(HolidayQuery),
    responses((status = 200, body = HolidayList), Refusals))]
async fn trends_list_holidays(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Query(query): Query<HolidayQuery>,
) -> Result<Json<HolidayList>, ApiError> {
    let days = (query.from, query.to);
    Ok(Json(holidays::list(&state.store, &actor, query.country, days).await?))
}

/// What is to be said of a day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewHolidayWord {
    /// None: of every country.
    country: Option<Country>,
    /// Within five years of today.
    date: Date,
    kind: HolidayKind,
    /// Of an added day, and of no other.
    #[schema(inline)]
    name: Option<Text<1, 100>>,
}

/// Says that a day is a holiday, or that a day of the calendar is none. Series go by it from their next step on; steps
/// that are judged keep their verdicts until `okno trends rebuild --judge`.
#[utoipa::path(post, path = "/api/trends/holidays", tag = "trends", request_body = NewHolidayWord,
    responses((status = 201, body = OwnHoliday), Refusals))]
async fn trends_say_holiday(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Body(new): Body<NewHolidayWord>,
) -> Result<(StatusCode, Json<OwnHoliday>), ApiError> {
    let name = new.name.map(|name| name.as_str().trim().to_owned());
    if name.is_some() != (new.kind == HolidayKind::Added) {
        return Err(ApiError::bad_request("the body does not fit: an added day has a name, a removed one has none"));
    }
    let new = NewHoliday { country: new.country, date: new.date, name };
    Ok((StatusCode::CREATED, Json(holidays::say(&state.store, &actor, new).await?)))
}

/// Takes back what was said of a day.
#[utoipa::path(delete, path = "/api/trends/holidays/{holiday_id}", tag = "trends",
    params(("holiday_id" = HolidayId, Path)), responses((status = 204), Refusals))]
async fn trends_undo_holiday(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Path(id): Path<HolidayId>,
) -> Result<StatusCode, ApiError> {
    holidays::undo(&state.store, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<HolidayError> for ApiError {
    fn from(cause: HolidayError) -> Self {
        match cause {
            HolidayError::Store(cause) => cause.into(),
            HolidayError::Forbidden(cause) => Self::forbidden(cause.to_string()),
            HolidayError::NotFound => Self::not_found(),
            HolidayError::Period | HolidayError::Far => Self::bad_request(cause.to_string()),
            HolidayError::Full | HolidayError::Said | HolidayError::Nothing => Self::conflict(cause.to_string()),
        }
    }
}
