//! What customers were given to make up for something, and what became of what they were promised: counted from the facts
//! of the current version of each contact's summary, on the local day on which each was said.
//!
//! **Compensation** counts refunds, deliveries anew, replacements, bonuses, promo codes, discounts and gifts that were
//! done, promised, or offered and taken: of one contact each type and amount once. It is `done` where it was done before
//! the contact ended. Sums are those that name a currency; of all others is only known that they were given.
//!
//! **A promise** is `open` until its due time; after it `broken` where the customer, under any of their linked identities,
//! writes again within [`WATCHED_DAYS`] of it in a message that is read as the main topic of the contact, or that names an
//! order number which the contact named before; else `no_return`, which is all that can be known of a promise that was
//! kept. Where no time is named, or in words that nobody can read, it is `undated`.
//!
//! Each counts under the main topic of its contact, which may be none.

mod figures;

use jiff::Timestamp;
use jiff::civil::Date;
use models::taxonomy::{FactKind, FactType, Topic};
use models::trends::Step;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use figures::{CompensationFigure, FigureOf, FigureOfDay, Figures, PromiseFigure};

use super::atlas::{Atlas, Place, key_of_day};
use super::points::{Period, bounded};
use super::store::given as rows;
use super::store::points::Span;
use super::{Scope, TrendError};
use crate::events::{Channel, ContactId, UnknownWord, words};
use crate::orders::{CityId, Currency, Money};
use crate::platform::page::{Cursor, Limit, Page};
use crate::platform::store::Store;
use crate::workforce::audit::{self, Action};
use crate::workforce::{Actor, Right};

/// So long after its due time a message of the customer breaks a promise; the view `summary_promise` has it too.
const WATCHED_DAYS: i64 = 7;
/// Days that one answer holds.
const MOST_DAYS: i64 = 366;
/// Cells of compensation, and as many of promises, that one answer is put together from.
const MOST_CELLS: u32 = 200_000;

words!(
    /// What became of a promise.
    PromiseState { Open = "open", Broken = "broken", NoReturn = "no_return", Undated = "undated" }
);
words!(
    /// What a contact may lack.
    GivenLack { Topic = "topic", City = "city" }
);

/// What was given and promised in a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendGiven {
    pub from: Timestamp,
    pub to: Timestamp,
    /// IANA name of the zone in which the period's days are; what was said in another city counts on the day it was there.
    pub zone: String,
    /// So long after its due time a message of the customer breaks a promise.
    pub watched_days: i64,
    pub compensation: Figures<CompensationFigure>,
    pub promises: Figures<PromiseFigure>,
}

/// A part of what was given that is alike in all that it is counted by.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell<M> {
    pub day: Date,
    pub topic: Option<Topic>,
    pub city: Option<CityId>,
    pub channel: Channel,
    pub what: FactType,
    pub n: i64,
    pub measure: M,
}

/// Whether it was done, and the sum of those that have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    pub done: bool,
    pub sum: Option<Money>,
}

/// A contact behind a figure: what was given or promised in it, and nothing else of what was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GivenContact {
    pub contact_id: ContactId,
    /// When the last of these was said.
    pub at: Timestamp,
    /// The main one.
    pub topic: Option<Topic>,
    pub channel: Channel,
    pub city: Option<Place>,
    /// Whether the reader may open the talk.
    pub opens: bool,
    pub facts: Vec<GivenFact>,
}

/// What was given or promised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GivenFact {
    pub kind: FactKind,
    #[serde(rename = "type")]
    pub what: FactType,
    /// To the letter of some turn.
    pub amount: Option<String>,
    pub amount_minor: Option<i64>,
    pub currency: Option<Currency>,
    /// To the letter of some turn.
    pub due: Option<String>,
    pub due_at: Option<Timestamp>,
    /// Of a promise: when the customer wrote of it again.
    pub returned_at: Option<Timestamp>,
    /// Of a promise.
    pub state: Option<PromiseState>,
}

/// Which figure; none: whatever it is.
#[derive(Clone, Copy, Debug)]
pub enum Figure {
    Compensation { done: Option<bool>, summed: Option<bool> },
    Promises { state: Option<PromiseState> },
}

/// Which facts stand behind a figure.
#[derive(Clone, Copy, Debug)]
pub struct BehindFigure {
    pub figure: Figure,
    pub what: Option<FactType>,
    /// One local day of the period.
    pub day: Option<Date>,
    /// Only those in contacts that lack it.
    pub without: Option<GivenLack>,
}

/// What was given and promised in a period within a scope, whose topic is the main one of contacts.
pub async fn given(store: &Store, actor: &Actor, period: Period, scope: Scope) -> Result<TrendGiven, TrendError> {
    actor.require(Right::Analyse)?;
    let (atlas, now) = (Atlas::load(store).await?, store.clock().now());
    let (from, to) = keys(&atlas, &scope, period, now)?;
    let span = Span::of(Step::Day, from, to);
    let (compensation, promises) = cells(store, &span, &scope, atlas.home(), now).await?;
    Ok(TrendGiven {
        from: atlas.instant(&scope, Step::Day, from),
        to: atlas.instant(&scope, Step::Day, to),
        zone: atlas.zone(&scope).iana_name().unwrap_or("UTC").to_owned(),
        watched_days: WATCHED_DAYS,
        compensation: Figures::of(&atlas, (from, to), &compensation),
        promises: Figures::of(&atlas, (from, to), &promises),
    })
}

/// The contacts behind a figure, each once, those in which something was said last first.
pub async fn contacts(
    store: &Store,
    actor: &Actor,
    period: Period,
    scope: Scope,
    behind: BehindFigure,
    before: Option<Cursor>,
    limit: Limit,
) -> Result<Page<GivenContact>, TrendError> {
    actor.require(Right::Analyse)?;
    let (atlas, now) = (Atlas::load(store).await?, store.clock().now());
    let (from, to) = keys(&atlas, &scope, period, now)?;
    let span = match behind.day {
        Some(day) => Span::of_step(Step::Day, bounded(key_of_day(day, Step::Day))?),
        None => Span::of(Step::Day, from, to),
    };
    let BehindFigure { figure, what, without, .. } = behind;
    let within = rows::Within { span: &span, scope: &scope, home: atlas.home(), what, without };
    let place = (before, limit.one_more());
    let found = match figure {
        Figure::Compensation { done, summed } => {
            rows::contacts_given(store.pool(), &within, done, summed, place).await?
        }
        Figure::Promises { state } => rows::contacts_promised(store.pool(), &within, state, now, place).await?,
    };
    let opens = actor.can(Right::SeeTeam);
    let contact = |row: rows::Found| GivenContact {
        contact_id: row.contact,
        at: row.at,
        topic: row.topic,
        channel: row.channel,
        city: atlas.city(row.city),
        opens,
        facts: row.facts,
    };
    let found = found.into_iter().map(contact).collect();
    Ok(Page::of(found, limit, |it: &GivenContact| Cursor { at: it.at, id: it.contact_id.0 }.to_string()))
}

/// All that is counted in a period, as it leaves the house; with the names of the cities.
#[derive(Debug)]
pub struct Exported {
    pub compensation: Vec<(Cell<Given>, Option<Place>)>,
    pub promises: Vec<(Cell<PromiseState>, Option<Place>)>,
}

/// See [`Exported`]. The export is audited.
pub async fn export(store: &Store, actor: &Actor, period: Period, scope: Scope) -> Result<Exported, TrendError> {
    actor.require(Right::Analyse)?;
    let (atlas, now) = (Atlas::load(store).await?, store.clock().now());
    let (from, to) = keys(&atlas, &scope, period, now)?;
    let span = Span::of(Step::Day, from, to);
    let (compensation, promises) = cells(store, &span, &scope, atlas.home(), now).await?;
    let mut change = store.begin().await?;
    let entry = audit::Entry::by(actor, Action::TrendsExported).with("what", "given");
    audit::write(&mut change, entry.with("rows", compensation.len() + promises.len())).await?;
    change.commit().await?;
    Ok(Exported {
        compensation: compensation.into_iter().map(|cell| (cell.clone(), atlas.city(cell.city))).collect(),
        promises: promises.into_iter().map(|cell| (cell.clone(), atlas.city(cell.city))).collect(),
    })
}

/// What was given and promised in the whole days of a span, refused where it falls into too many cells.
async fn cells(
    store: &Store,
    span: &Span,
    scope: &Scope,
    home: &str,
    now: Timestamp,
) -> Result<(Vec<Cell<Given>>, Vec<Cell<PromiseState>>), TrendError> {
    let one_more = i64::from(MOST_CELLS) + 1;
    let compensation = rows::compensation(store.pool(), span, scope, home, one_more).await?;
    let promises = rows::promises(store.pool(), span, scope, home, now, one_more).await?;
    let most = compensation.len().max(promises.len());
    if most > MOST_CELLS as usize { Err(TrendError::TooLong) } else { Ok((compensation, promises)) }
}

fn keys(atlas: &Atlas, scope: &Scope, period: Period, now: Timestamp) -> Result<(Timestamp, Timestamp), TrendError> {
    let (from, to) = period.keys(atlas, scope, Step::Day, now)?;
    let days = to.as_second().saturating_sub(from.as_second()) / Step::Day.seconds();
    if days > MOST_DAYS { Err(TrendError::TooLong) } else { Ok((from, to)) }
}
