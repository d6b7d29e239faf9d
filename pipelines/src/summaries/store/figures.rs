//! Figures over the summaries of a filter.

use sqlx::{PgPool, Postgres, QueryBuilder};

use super::quality::narrow;
use crate::platform::store::StoreError;
use crate::summaries::figures::SummaryFigures;
use crate::summaries::quality::Filter;

/// Every figure in the order of its columns.
type Row = (i64, i64, i64, i64, Option<f64>, Option<f64>, i64, i64, i64);

/// Over the latest `most` at most, so that the indexes of the list serve here too.
pub(crate) async fn of(pool: &PgPool, filter: Filter, most: i64) -> Result<SummaryFigures, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT count(*), count(confirmed_at), count(*) FILTER (WHERE edited AND confirmed_at IS NOT NULL), count(distance),
                percentile_cont(0.5) WITHIN GROUP (ORDER BY distance), avg(distance)::float8,
                count(*) FILTER (WHERE verdict = 'correct'), count(*) FILTER (WHERE verdict = 'wrong'),
                count(*) FILTER (WHERE verdict = 'incomplete')
         FROM (SELECT confirmed_at, edited, distance, verdict FROM summary WHERE true",
    );
    narrow(&mut query, filter);
    query.push(" ORDER BY changed_at DESC, contact_id DESC LIMIT ").push_bind(most).push(") s");
    let row: Row = query.build_query_as().fetch_one(pool).await?;
    let (n, confirmed, confirmed_edited, edited, median_distance, mean_distance, correct, wrong, incomplete) = row;
    Ok(SummaryFigures {
        n,
        most,
        confirmed,
        confirmed_edited,
        edited,
        median_distance,
        mean_distance,
        correct,
        wrong,
        incomplete,
    })
}
