//! A series as a file, for the analyst's own tables.

use axum::extract::State as Shared;
use axum::http::{HeaderName, header};
use jiff::Timestamp;
use models::taxonomy::Topic;
use pipelines::events::Channel;
use pipelines::orders::{CityId, RestaurantId};
use pipelines::trends::points::{self, StepWord, TrendPoint};
use rust_xlsxwriter::{Workbook, XlsxError};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::PointQuery;
use crate::server::body::Query;
use crate::server::errors::Refusals;
use crate::server::signed_in::Analysing;
use crate::server::{ApiError, State};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FileFormat {
    Csv,
    Xlsx,
}

/// Which series, which time, and in which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    #[param(inline)]
    format: FileFormat,
    step: StepWord,
    /// True: all contacts and each topic, one series after another; `topic` then does not matter.
    by_topic: Option<bool>,
    topic: Option<Topic>,
    city_id: Option<CityId>,
    channel: Option<Channel>,
    restaurant_id: Option<RestaurantId>,
    /// The first moment; where it is left out, as far back as a chart of the step usually goes.
    from: Option<Timestamp>,
    /// The first moment no longer asked for; where it is left out, now.
    to: Option<Timestamp>,
}

/// The columns of a file. Cells hold numbers, times in ISO 8601 and true or false: nothing that a spreadsheet would take
/// for a formula.
const COLUMNS: [&str; 10] = ["topic", "at", "local", "n", "expected", "lower", "upper", "p", "alert", "gap"];

/// Gives the points of a series as a file. The export is audited.
#[utoipa::path(get, path = "/api/trends/export", tag = "trends", params(ExportQuery),
    responses((status = 200, content((String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Refusals))]
pub(super) async fn trends_export_points(
    Shared(state): Shared<State>,
    Analysing(actor): Analysing,
    Query(query): Query<ExportQuery>,
) -> Result<([(HeaderName, String); 2], Vec<u8>), ApiError> {
    let ExportQuery { format, step, by_topic, topic, city_id, channel, restaurant_id, from, to } = query;
    let (step, period, scope) = PointQuery { step, topic, city_id, channel, restaurant_id, from, to }.parts();
    let series = points::export(&state.store, &actor, step, period, scope, by_topic == Some(true)).await?;
    let rows: Vec<Row> =
        series.into_iter().flat_map(|(topic, points)| points.into_iter().map(move |it| (topic, it))).collect();
    let (kind, end, bytes) = match format {
        FileFormat::Csv => ("text/csv; charset=utf-8", "csv", csv(&rows).map_err(ApiError::internal)?),
        FileFormat::Xlsx => {
            let sheet = tokio::task::spawn_blocking(move || xlsx(&rows)).await.map_err(ApiError::internal)?;
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "xlsx",
                sheet.map_err(ApiError::internal)?,
            )
        }
    };
    let name = format!("attachment; filename=\"trend-{step}.{end}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes))
}

type Row = (Option<Topic>, TrendPoint);

fn csv(rows: &[Row]) -> Result<Vec<u8>, csv::Error> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(COLUMNS)?;
    for (topic, point) in rows {
        let number = |value: Option<f32>| value.map(|value| value.to_string()).unwrap_or_default();
        file.write_record([
            topic.map(|topic| topic.to_string()).unwrap_or_default(),
            point.at.to_string(),
            point.local.to_string(),
            point.n.to_string(),
            number(point.expected),
            number(point.lower),
            number(point.upper),
            // as `okno anomalies` writes it: a chance may have three hundred zeros
            point.p.map(|p| format!("{p:?}")).unwrap_or_default(),
            point.alert.to_string(),
            point.gap.to_string(),
        ])?;
    }
    file.into_inner().map_err(|cause| cause.into_error().into())
}

/// The number that is written as `value` is: cells are twice as precise and would show digits that nobody computed.
fn widened(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| value.into())
}

fn xlsx(rows: &[Row]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(COLUMNS) {
        sheet.write_string(0, column, name)?;
    }
    for (row, (topic, point)) in (1..).zip(rows) {
        sheet.write_string(row, 0, topic.map_or("", Topic::as_str))?;
        sheet.write_string(row, 1, point.at.to_string())?;
        sheet.write_string(row, 2, point.local.to_string())?;
        sheet.write_number(row, 3, point.n as f64)?;
        for (column, value) in (4..).zip([point.expected, point.lower, point.upper]) {
            if let Some(value) = value {
                sheet.write_number(row, column, widened(value))?;
            }
        }
        if let Some(p) = point.p {
            sheet.write_number(row, 7, p)?;
        }
        sheet.write_boolean(row, 8, point.alert)?;
        sheet.write_boolean(row, 9, point.gap)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step that counted nothing.
    fn step(gap: bool) -> Row {
        let at: Timestamp = "2026-11-26T10:00:00Z".parse().unwrap();
        let local = "2026-11-26T13:00:00".parse().unwrap();
        let (expected, lower, upper, p) = (None, None, None, None);
        (None, TrendPoint { at, local, n: 0, expected, lower, upper, p, alert: false, gap, holiday: false })
    }

    #[test]
    fn a_feed_that_stood_still_leaves_as_a_gap_and_not_as_a_plain_zero() {
        let file = String::from_utf8(csv(&[step(false), step(true)]).unwrap()).unwrap();
        let last: Vec<&str> = file.lines().map(|line| line.rsplit(',').next().unwrap()).collect();
        assert_eq!(last, ["gap", "false", "true"]);
        assert!(file.lines().all(|line| line.split(',').count() == COLUMNS.len()), "{file}");
        assert!(xlsx(&[step(false), step(true)]).unwrap().starts_with(b"PK"));
    }

    #[test]
    fn both_files_hold_the_numbers_that_were_computed() {
        let (topic, point) = step(false);
        let (expected, lower, upper) = (Some(0.1), Some(0.0), Some(16_777_216.0));
        let row = (topic, TrendPoint { expected, lower, upper, p: Some(2.5e-300), ..point });
        let file = String::from_utf8(csv(&[row]).unwrap()).unwrap();
        assert!(file.ends_with(",0,0.1,0,16777216,2.5e-300,false,false\n"), "{file}");
        assert_eq!([0.1, 0.0, 16_777_216.0, 1e-7].map(widened), [0.1, 0.0, 16_777_216.0, 1e-7]);
    }
}
