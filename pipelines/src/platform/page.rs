//! Lists by cursor: a page never shifts when rows come in above it, and page ten costs what page one costs.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; none: this is the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of rows of which one more than `limit` was asked for; `place` says where the page's last item stands.
    pub fn of(mut rows: Vec<T>, limit: Limit, place: impl Fn(&T) -> String) -> Self {
        let more = rows.len() > limit.rows();
        rows.truncate(limit.rows());
        let next = if more { rows.last().map(place) } else { None };
        Self { items: rows, next }
    }
}

/// How many items a page holds: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// Numbers outside the bounds are taken as the nearest that is inside.
    pub fn new(items: u32) -> Self {
        Self(u8::try_from(items.clamp(1, 100)).unwrap_or(100))
    }

    pub fn rows(self) -> usize {
        usize::from(self.0)
    }

    /// What to ask the database for, so that one sees whether there is more.
    pub fn one_more(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

/// A place in a list that is ordered by a time and then by an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub at: Timestamp,
    pub id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.as_microsecond(), self.id.simple())
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (at, id) = text.split_once('.').ok_or(CursorError)?;
        let at = at.parse().ok().and_then(|micros| Timestamp::from_microsecond(micros).ok());
        // no row is older, and the database knows no times as old as a number can be
        let at = at.filter(|at| *at >= Timestamp::UNIX_EPOCH).ok_or(CursorError)?;
        Ok(Self { at, id: Uuid::try_parse(id).map_err(|_| CursorError)? })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor; take it from `next` of the page before")]
pub struct CursorError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_points_on_only_when_there_is_more() {
        let limit = Limit::new(2);
        let page = Page::of(vec![1, 2, 3], limit, i32::to_string);
        assert_eq!((page.items, page.next), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(Page::of(vec![1, 2], limit, i32::to_string).next, None);
        assert_eq!((Limit::new(0).rows(), Limit::new(5_000).rows()), (1, 100));
    }

    #[test]
    fn a_cursor_comes_back_whole() {
        let cursor = Cursor { at: "2026-11-25T09:30:00.123456Z".parse().unwrap(), id: Uuid::from_u128(7) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for wrong in [
            "",
            ".",
            "12",
            "x.y",
            "99999999999999999999.0",
            "-200000000000000000.00000000000000000000000000000007",
            "1.'; DROP TABLE customer",
        ] {
            assert_eq!(wrong.parse::<Cursor>(), Err(CursorError), "{wrong}");
        }
    }
}
