use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::body::Body;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use models::country::Country;
use models::trends::{Holidays, Step};
use serde::{Deserialize, Serialize};

use super::stream::{self, LINES, Line};
use super::{Asked, BODY};
use crate::anomalies::{Figures, Judge, Kind};
use crate::server::ApiError;

/// The longest line.
const LONGEST: usize = 64 * 1024;
/// Lines that are judged together: some milliseconds.
const AT_ONCE: usize = 64;
/// Series of one request: what they hold in memory is bounded.
const SERIES: usize = 10_000;
/// Holidays of one request.
const HOLIDAYS: usize = 10_000;

/// What the numbers are and how to read them, as the options of `okno anomalies`: in the query, or beside the rows,
/// where they go before those of the query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    kind: Option<Kind>,
    /// `auto` or a step.
    step: Option<String>,
    country: Option<Country>,
    /// ISO dates with commas between.
    holidays: Option<String>,
}

/// A row as it comes in.
#[derive(Debug, Deserialize)]
struct Row {
    series: String,
    at: String,
    count: serde_json::Number,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Rows {
    Many(Vec<Row>),
    One(Row),
    With {
        rows: Vec<Row>,
        #[serde(flatten)]
        settings: Settings,
    },
}

/// A row with its verdict.
#[derive(Debug, Serialize)]
struct Judged {
    series: String,
    at: String,
    count: serde_json::Number,
    #[serde(flatten)]
    figures: Figures,
}

/// `POST /v1/anomalies?kind=counts&step=auto&country=kz&holidays=2026-03-21,2026-03-22`: an array of rows (by itself or
/// as `rows` of an object that holds the settings too), or any number of them, one a line (`application/x-ndjson`);
/// answered likewise, in the order asked. The verdict on a row rests on the rows of its series that stand before it in
/// the same request.
pub(super) async fn anomalies(
    _: Asked,
    settings: Result<Query<Settings>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let wrong = |_| ApiError::bad_request("the query takes kind, step, country and holidays");
    let settings = settings.map_err(wrong)?.0;
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with(LINES) {
        let judge = Arc::new(Mutex::new(settings.judge()?));
        return Ok(stream::answered(body, LONGEST, AT_ONCE, move |lines| answer(Arc::clone(&judge), lines)));
    }
    let body = axum::body::to_bytes(body, BODY).await.map_err(|_| ApiError::too_large())?;
    // A full body is a second of computing, which other answers shall not wait for.
    let judged = tokio::task::spawn_blocking(move || together(settings, &body));
    judged.await.map_err(ApiError::internal)?
}

/// Answers a body that has come whole.
fn together(settings: Settings, body: &[u8]) -> Result<Response, ApiError> {
    let unreadable = |_| ApiError::bad_request("send rows {\"series\", \"at\", \"count\"} as a JSON array");
    let (settings, rows) = match serde_json::from_slice(body).map_err(unreadable)? {
        Rows::One(row) => return Ok(Json(judged(&mut settings.judge()?, row)?).into_response()),
        Rows::Many(rows) => (settings, rows),
        Rows::With { rows, settings: beside } => (beside.or(settings), rows),
    };
    if rows.is_empty() {
        return Err(ApiError::bad_request("send at least one row"));
    }
    let mut judge = settings.judge()?;
    let judged = rows.into_iter().enumerate().map(|(at, row)| {
        let told = |error: ApiError| ApiError::bad_request(format!("row {}: {}", at + 1, error.message));
        judged(&mut judge, row).map_err(told)
    });
    Ok(Json(judged.collect::<Result<Vec<_>, _>>()?).into_response())
}

impl Settings {
    fn or(self, others: Self) -> Self {
        Self {
            kind: self.kind.or(others.kind),
            step: self.step.or(others.step),
            country: self.country.or(others.country),
            holidays: self.holidays.or(others.holidays),
        }
    }

    fn judge(self) -> Result<Judge, ApiError> {
        let step = match self.step.as_deref() {
            None | Some("auto") => None,
            Some(word) => {
                Some(word.parse::<Step>().map_err(|_| ApiError::bad_request("step is auto, 5m, 15m, 1h, 1d or 1w"))?)
            }
        };
        let dates =
            self.holidays.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|day| !day.is_empty());
        let dates: Vec<Date> = dates
            .map(|day| day.parse().map_err(|_| ApiError::bad_request("holidays are ISO dates with commas between")))
            .collect::<Result<_, _>>()?;
        if dates.len() > HOLIDAYS {
            return Err(ApiError::bad_request(format!("send at most {HOLIDAYS} holidays")));
        }
        let holidays = self.country.map_or_else(Holidays::none, Holidays::of).with(dates);
        Ok(Judge::new(self.kind.unwrap_or_default(), step, holidays).up_to(SERIES))
    }
}

fn judged(judge: &mut Judge, row: Row) -> Result<Judged, ApiError> {
    let Row { series, at, count } = row;
    let figures = judge.row(&series, &at, &count.to_string()).map_err(|why| ApiError::bad_request(why.to_string()))?;
    Ok(Judged { series, at, count, figures })
}

/// Answers lines; one that has no verdict is answered with what is wrong with it.
async fn answer(judge: Arc<Mutex<Judge>>, lines: Vec<Line>) -> Vec<u8> {
    // The lines of one request come one after another: nobody else waits for this.
    let mut judge = judge.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = Vec::new();
    for (number, line) in lines {
        let wrong =
            |_| ApiError::bad_request("this is no JSON object with the texts `series` and `at` and a number `count`");
        let row = line.and_then(|line| serde_json::from_slice::<Row>(&line).map_err(wrong));
        stream::write(&mut out, number, row.and_then(|row| judged(&mut judge, row)));
    }
    out
}
