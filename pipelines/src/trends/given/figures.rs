//! Figures from their cells: of the whole, of each day, and of each part.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use models::trends::Step;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Cell, Given, PromiseState};
use crate::orders::Money;
use crate::trends::atlas::{Atlas, after};

/// What was given to make up for something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CompensationFigure {
    pub n: i64,
    /// Before the contact ended.
    pub done: i64,
    /// Those that state no sum of money which can be read.
    pub without_sum: i64,
    /// Of the others, one a currency.
    pub sums: Vec<Money>,
}

/// What was promised, by what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromiseFigure {
    pub n: i64,
    pub open: i64,
    pub broken: i64,
    pub no_return: i64,
    pub undated: i64,
}

/// A figure of one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FigureOfDay<F> {
    #[schema(value_type = String, format = Date, example = "2026-11-26")]
    pub day: Date,
    pub figure: F,
}

/// A figure of one part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FigureOf<F> {
    /// The type, the topic, the channel, the id of the city; none: those that have none.
    pub key: Option<String>,
    /// Of a city.
    pub name: Option<String>,
    pub figure: F,
}

/// A figure whole and by its parts, the largest first; each day is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Figures<F> {
    pub all: F,
    pub days: Vec<FigureOfDay<F>>,
    pub types: Vec<FigureOf<F>>,
    pub topics: Vec<FigureOf<F>>,
    pub cities: Vec<FigureOf<F>>,
    pub channels: Vec<FigureOf<F>>,
}

/// What cells with such a measure add up to.
pub(super) trait Adds<M>: Default + Clone {
    fn add(&mut self, cell: &Cell<M>);
}

impl Adds<Given> for CompensationFigure {
    fn add(&mut self, cell: &Cell<Given>) {
        self.n += cell.n;
        self.done += if cell.measure.done { cell.n } else { 0 };
        let Some(sum) = cell.measure.sum else {
            self.without_sum += cell.n;
            return;
        };
        match self.sums.iter_mut().find(|it| it.currency == sum.currency) {
            Some(it) => it.minor = it.minor.saturating_add(sum.minor),
            None => {
                self.sums.push(sum);
                self.sums.sort_by_key(|sum| sum.currency.as_str());
            }
        }
    }
}

impl Adds<PromiseState> for PromiseFigure {
    fn add(&mut self, cell: &Cell<PromiseState>) {
        self.n += cell.n;
        *match cell.measure {
            PromiseState::Open => &mut self.open,
            PromiseState::Broken => &mut self.broken,
            PromiseState::NoReturn => &mut self.no_return,
            PromiseState::Undated => &mut self.undated,
        } += cell.n;
    }
}

impl<F> Figures<F> {
    /// `from` and `to` are keys of days.
    pub(super) fn of<M>(atlas: &Atlas, (from, to): (Timestamp, Timestamp), cells: &[Cell<M>]) -> Self
    where
        F: Adds<M>,
    {
        let mut all = F::default();
        let mut days = BTreeMap::<Date, F>::new();
        let mut key = from;
        while key < to {
            days.insert(key.to_zoned(TimeZone::UTC).date(), F::default());
            key = after(Step::Day, key);
        }
        for cell in cells {
            all.add(cell);
            days.entry(cell.day).or_default().add(cell);
        }
        let cities = parts(cells, |cell| cell.city.map(|city| city.0.to_string()));
        let name = |cell: &Cell<M>| Some((cell.city?.0.to_string(), atlas.city(cell.city)?.name));
        let names: HashMap<String, String> = cells.iter().filter_map(name).collect();
        Self {
            all,
            days: days.into_iter().map(|(day, figure)| FigureOfDay { day, figure }).collect(),
            types: parts(cells, |cell| Some(cell.what.as_str().to_owned())),
            topics: parts(cells, |cell| cell.topic.map(|topic| topic.as_str().to_owned())),
            cities: cities
                .into_iter()
                .map(|part| FigureOf { name: part.key.as_ref().and_then(|key| names.get(key).cloned()), ..part })
                .collect(),
            channels: parts(cells, |cell| Some(cell.channel.as_str().to_owned())),
        }
    }
}

fn parts<M, F: Adds<M>>(cells: &[Cell<M>], key: impl Fn(&Cell<M>) -> Option<String>) -> Vec<FigureOf<F>> {
    let mut found = BTreeMap::<Option<String>, (i64, F)>::new();
    for cell in cells {
        let (n, figure) = found.entry(key(cell)).or_default();
        *n += cell.n;
        figure.add(cell);
    }
    let mut parts: Vec<_> = found.into_iter().collect();
    parts.sort_by_key(|(_, (n, _))| std::cmp::Reverse(*n));
    parts.into_iter().map(|(key, (_, figure))| FigureOf { key, name: None, figure }).collect()
}
