//! Lists by cursor.

use std::str::FromStr;

use pipelines::platform::page::Limit;
use serde::Deserialize;
use utoipa::IntoParams;

use super::ApiError;
use super::bounded::{Count, Text};

/// Items of a page where nobody says how many.
const USUAL: u32 = 50;

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next` of the page before.
    #[param(inline)]
    cursor: Option<Text<1, 200>>,
    /// How many items; 50 where nothing is said.
    #[param(inline)]
    limit: Option<Count<100>>,
}

impl Paging {
    /// Where the page begins; none: at the first item.
    pub fn cursor<C: FromStr>(&self) -> Result<Option<C>, ApiError> {
        cursor(self.cursor.as_ref())
    }

    pub fn limit(&self) -> Limit {
        limit(self.limit)
    }
}

/// Reads a cursor; it is ours, so what it looks like is nobody's matter.
pub fn cursor<C: FromStr>(text: Option<&Text<1, 200>>) -> Result<Option<C>, ApiError> {
    let wrong = |_| ApiError::bad_request("not a cursor; take it from `next` of the page before");
    text.map(|text| text.as_str().parse::<C>().map_err(wrong)).transpose()
}

pub fn limit(wanted: Option<Count<100>>) -> Limit {
    Limit::new(wanted.map_or(USUAL, Count::get))
}
