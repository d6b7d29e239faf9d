//! Alerts: the list, one of them, and what is done with it.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use jiff::Timestamp;
use models::taxonomy::Topic;
use pipelines::events::{AlertId, Channel};
use pipelines::orders::{CityId, RestaurantId};
use pipelines::platform::page::Page;
use pipelines::trends::acts::{Act, act};
use pipelines::trends::alerts::{self, Filter, TrendAlert, TrendAlertDetail};
use pipelines::trends::contacts::TrendContact;
use pipelines::trends::{AlertKind, AlertState, AlertVerdict};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::body::{Body, Path, Query};
use crate::server::bounded::{Count, Text};
use crate::server::errors::Refusals;
use crate::server::signed_in::{Alerted, Analysing};
use crate::server::{ApiError, State, paging};

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(trends_list_alerts))
        .routes(routes!(trends_get_alert))
        .routes(routes!(trends_list_alert_contacts))
        .routes(routes!(trends_acknowledge_alert))
        .routes(routes!(trends_comment_alert))
        .routes(routes!(trends_mute_alert))
        .routes(routes!(trends_judge_alert))
}

/// Which alerts to list; what is left out does not matter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AlertQuery {
    state: Option<AlertState>,
    kind: Option<AlertKind>,
    topic: Option<Topic>,
    city_id: Option<CityId>,
    channel: Option<Channel>,
    restaurant_id: Option<RestaurantId>,
    /// Only what went on at this moment or later.
    from: Option<Timestamp>,
    /// Only what began before this moment.
    to: Option<Timestamp>,
    #[param(inline)]
    cursor: Option<Text<1, 200>>,
    #[param(inline)]
    limit: Option<Count<100>>,
}

/// Lists alerts, the latest first. Who serves customers and analyses nothing sees those that go on, are not muted and
/// were not called noise.
#[utoipa::path(get, path = "/api/trends/alerts", tag = "trends", params(AlertQuery),
    responses((status = 200, body = Page<TrendAlert>), Refusals))]
async fn trends_list_alerts(
    Shared(state): Shared<State>,
    Alerted(actor): Alerted,
    Query(query): Query<AlertQuery>,
) -> Result<Json<Page<TrendAlert>>, ApiError> {
    let filter = Filter {
        state: query.state,
        kind: query.kind,
        topic: query.topic,
        city: query.city_id,
        channel: query.channel,
        restaurant: query.restaurant_id,
        from: query.from,
        to: query.to,
    };
    let (before, limit) = (paging::cursor(query.cursor.as_ref())?, paging::limit(query.limit));
    Ok(Json(alerts::list(&state.store, &actor, filter, before, limit).await?))
}

/// Opens an alert with the series that rose together and what was done with it.
#[utoipa::path(get, path = "/api/trends/alerts/{alert_id}", tag = "trends", params(("alert_id" = AlertId, Path)),
    responses((status = 200, body = TrendAlertDetail), Refusals))]
async fn trends_get_alert(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Path(id): Path<AlertId>,
) -> Result<Json<TrendAlertDetail>, ApiError> {
    Ok(Json(alerts::detail(&state.store, &actor, id).await?))
}

/// Which contacts of an alert to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AlertContactQuery {
    /// Only those of this cause, counted from 0.
    #[param(maximum = 2)]
    cause: Option<u8>,
    #[param(inline)]
    cursor: Option<Text<1, 200>>,
    #[param(inline)]
    limit: Option<Count<100>>,
}

/// Lists the contacts behind an alert, the latest first.
#[utoipa::path(get, path = "/api/trends/alerts/{alert_id}/contacts", tag = "trends",
    params(("alert_id" = AlertId, Path), AlertContactQuery),
    responses((status = 200, body = Page<TrendContact>), Refusals))]
async fn trends_list_alert_contacts(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Path(id): Path<AlertId>,
    Query(query): Query<AlertContactQuery>,
) -> Result<Json<Page<TrendContact>>, ApiError> {
    let (before, limit) = (paging::cursor(query.cursor.as_ref())?, paging::limit(query.limit));
    let cause = query.cause.map(usize::from);
    Ok(Json(alerts::contacts(&state.store, &actor, id, cause, before, limit).await?))
}

/// Says that somebody looks into an alert; who was first stays.
#[utoipa::path(post, path = "/api/trends/alerts/{alert_id}/acknowledge", tag = "trends",
    params(("alert_id" = AlertId, Path)), responses((status = 200, body = TrendAlert), Refusals))]
async fn trends_acknowledge_alert(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Path(id): Path<AlertId>,
) -> Result<Json<TrendAlert>, ApiError> {
    Ok(Json(act(&state.store, &actor, id, Act::Acknowledge).await?))
}

/// What somebody found out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAlertComment {
    #[schema(inline)]
    text: Text<1, 2_000>,
}

/// Adds a comment to an alert.
#[utoipa::path(post, path = "/api/trends/alerts/{alert_id}/comments", tag = "trends",
    params(("alert_id" = AlertId, Path)), request_body = NewAlertComment,
    responses((status = 201, body = TrendAlert), Refusals))]
async fn trends_comment_alert(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Path(id): Path<AlertId>,
    Body(new): Body<NewAlertComment>,
) -> Result<(StatusCode, Json<TrendAlert>), ApiError> {
    let comment = Act::Comment(new.text.as_str().trim().to_owned());
    Ok((StatusCode::CREATED, Json(act(&state.store, &actor, id, comment).await?)))
}

/// How long an alert is muted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AlertMute {
    /// None: no longer.
    until: Option<Timestamp>,
}

/// Mutes an alert and the series that rose with it, or the feed that fell silent, or ends that.
#[utoipa::path(post, path = "/api/trends/alerts/{alert_id}/mute", tag = "trends",
    params(("alert_id" = AlertId, Path)), request_body = AlertMute,
    responses((status = 200, body = TrendAlert), Refusals))]
async fn trends_mute_alert(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Path(id): Path<AlertId>,
    Body(mute): Body<AlertMute>,
) -> Result<Json<TrendAlert>, ApiError> {
    if mute.until.is_some_and(|until| until <= state.store.clock().now()) {
        return Err(ApiError::bad_request("this time has passed; mute until a later one, or send null to end it"));
    }
    Ok(Json(act(&state.store, &actor, id, Act::Mute(mute.until)).await?))
}

/// Whether there was something behind an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAlertVerdict {
    verdict: AlertVerdict,
}

/// Says whether an alert was real: each noise halves the share that its series have of the false-discovery rate, or its feed
/// of false silences, or all themes of false ones; each real one doubles it again.
#[utoipa::path(post, path = "/api/trends/alerts/{alert_id}/verdict", tag = "trends",
    params(("alert_id" = AlertId, Path)), request_body = NewAlertVerdict,
    responses((status = 200, body = TrendAlert), Refusals))]
async fn trends_judge_alert(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Path(id): Path<AlertId>,
    Body(new): Body<NewAlertVerdict>,
) -> Result<Json<TrendAlert>, ApiError> {
    Ok(Json(act(&state.store, &actor, id, Act::Judge(new.verdict)).await?))
}
