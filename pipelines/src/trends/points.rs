//! Series as they are shown: counts with what was to be expected, and the contacts behind each.

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use models::country::Country;
use models::taxonomy::Topic;
use models::trends::Step;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::alerts::{self, TrendAlert};
use super::atlas::{Atlas, Place, after};
use super::store::points as rows;
use super::store::series::judged_until;
use super::{Scope, TrendError, holidays};
use crate::events::{AlertId, Channel, UnknownWord, words};
use crate::orders::{CityId, RestaurantId};
use crate::platform::store::Store;
use crate::workforce::audit::{self, Action};
use crate::workforce::{Actor, Right};

/// Steps that one answer holds.
const MOST_STEPS: i64 = 3_000;
/// Up to the year 2200 times can be asked for, from 1970 on: the database has no dates as far away as a request can name.
const FARTHEST: Timestamp = Timestamp::constant(7_258_118_400, 0);

/// What trends can be narrowed to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrendPlaces {
    pub cities: Vec<TrendCity>,
    pub restaurants: Vec<TrendRestaurant>,
}

/// A city.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrendCity {
    pub id: CityId,
    pub name: String,
    pub country: Country,
    /// IANA name.
    pub zone: String,
}

/// A kitchen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrendRestaurant {
    pub id: RestaurantId,
    pub name: String,
    pub city_id: CityId,
}

/// One step of a series that is over. What was expected is none where the step was not judged: the history was too
/// short, a feed stood still, or no series is kept of what was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendPoint {
    pub at: Timestamp,
    /// The same in the time of the series' city.
    #[schema(value_type = String, example = "2026-11-26T18:00:00")]
    pub local: DateTime,
    /// Contacts, as their topics are known now.
    pub n: i64,
    pub expected: Option<f32>,
    pub lower: Option<f32>,
    pub upper: Option<f32>,
    /// How often an ordinary step shows as many or more by chance.
    pub p: Option<f64>,
    /// The series was in an incident.
    pub alert: bool,
    /// The feed stood still: that nothing was counted says nothing.
    pub gap: bool,
    /// It lies in a holiday, as far as is known now; it was judged by what was known then. Of weeks nothing is said.
    pub holiday: bool,
}

/// One of the small charts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendSeries {
    /// None: all contacts, each once.
    pub topic: Option<Topic>,
    /// Contacts of the whole period.
    pub n: i64,
    /// Whether the series is judged in this step.
    pub judged: bool,
    pub points: Vec<TrendPoint>,
    pub last: Option<TrendPoint>,
    /// The latest alert of its counts that has not ended.
    pub alert_id: Option<AlertId>,
}

/// The small charts of all topics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendOverview {
    #[schema(value_type = StepWord)]
    pub step: Step,
    pub from: Timestamp,
    pub to: Timestamp,
    /// IANA name of the zone in which days and hours are.
    pub zone: String,
    pub items: Vec<TrendSeries>,
}

/// One series over a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendPoints {
    #[schema(value_type = StepWord)]
    pub step: Step,
    pub from: Timestamp,
    pub to: Timestamp,
    pub topic: Option<Topic>,
    pub city: Option<Place>,
    pub channel: Option<Channel>,
    pub restaurant: Option<Place>,
    pub n: i64,
    pub judged: bool,
    pub points: Vec<TrendPoint>,
    pub formula: TrendFormula,
    /// What stood out in contacts of this series within the period, latest first.
    pub alerts: Vec<TrendAlert>,
}

/// How the figures of a series come about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendFormula {
    pub counted: Counted,
    /// None where the series is only counted.
    pub model: Option<TrendModel>,
    /// Steps that the model has seen.
    pub steps: i64,
    /// IANA name of the zone in which its days and hours are.
    pub zone: String,
    /// One ordinary step in a hundred lies above the band and one below it: 0.01.
    pub outside: f64,
    /// Of the alerts of one tick, so many may be false.
    pub rate: f64,
    /// The share of that rate which the verdicts on its alerts have left it; 1: the whole.
    pub weight: f32,
}

words!(
    /// What a figure counts.
    Counted { ContactOnce = "contact_once", ContactOncePerTopic = "contact_once_per_topic" }
);
words!(
    /// What says how many are to be expected.
    TrendModel { NegativeBinomial = "negative_binomial" }
);
words!(
    /// How much time a figure covers.
    StepWord { FiveMinutes = "5m", QuarterHour = "15m", Hour = "1h", Day = "1d", Week = "1w" }
);

impl From<StepWord> for Step {
    fn from(word: StepWord) -> Self {
        match word {
            StepWord::FiveMinutes => Self::FiveMinutes,
            StepWord::QuarterHour => Self::QuarterHour,
            StepWord::Hour => Self::Hour,
            StepWord::Day => Self::Day,
            StepWord::Week => Self::Week,
        }
    }
}

/// From when up to when, not with it; none: as far as a chart of the step usually goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

impl Period {
    /// The bounds as keys of steps.
    pub(super) fn keys(
        self,
        atlas: &Atlas,
        scope: &Scope,
        step: Step,
        now: Timestamp,
    ) -> Result<(Timestamp, Timestamp), TrendError> {
        let to = self.to.map_or(Ok(now), bounded)?;
        let usual = match step {
            Step::FiveMinutes | Step::QuarterHour => 24.hours(),
            Step::Hour => (14 * 24).hours(),
            Step::Day => (60 * 24).hours(),
            Step::Week => (364 * 24).hours(),
        };
        let from = self.from.map_or_else(|| Ok(to.saturating_sub(usual).unwrap_or(to)), bounded)?;
        let (from, last) = (atlas.key_of(scope, step, from), atlas.key_of(scope, step, to));
        let to = if atlas.instant(scope, step, last) < to { after(step, last) } else { last };
        if to.as_second().saturating_sub(from.as_second()) / step.seconds() > MOST_STEPS {
            return Err(TrendError::TooLong);
        }
        Ok((from, to))
    }
}

/// A time that somebody asks for, where it lies within the bounds.
pub(super) fn bounded(at: Timestamp) -> Result<Timestamp, TrendError> {
    if (Timestamp::UNIX_EPOCH..FARTHEST).contains(&at) { Ok(at) } else { Err(TrendError::TooFar) }
}

/// What trends can be narrowed to.
pub async fn places(store: &Store, actor: &Actor) -> Result<TrendPlaces, TrendError> {
    actor.require(Right::Analyse)?;
    let atlas = Atlas::load(store).await?;
    let (cities, restaurants) = atlas.lists();
    let city = |city: &crate::orders::City| TrendCity {
        id: city.id,
        name: city.name.clone(),
        country: city.country,
        zone: city.zone.clone(),
    };
    let restaurant = |kitchen: &crate::orders::Restaurant| TrendRestaurant {
        id: kitchen.id,
        name: kitchen.name.clone(),
        city_id: kitchen.city,
    };
    Ok(TrendPlaces {
        cities: cities.into_iter().map(city).collect(),
        restaurants: restaurants.into_iter().map(restaurant).collect(),
    })
}

/// All contacts and then each topic, narrowed to `within`, whose topic does not matter.
pub async fn overview(
    store: &Store,
    actor: &Actor,
    step: Step,
    period: Period,
    within: Scope,
) -> Result<TrendOverview, TrendError> {
    actor.require(Right::Analyse)?;
    let (atlas, now) = (Atlas::load(store).await?, store.clock().now());
    let (from, to) = period.keys(&atlas, &within, step, now)?;
    let scopes = std::iter::once(None).chain(Topic::ALL.iter().copied().map(Some));
    let scopes: Vec<Scope> = scopes.map(|topic| Scope { topic, ..within }).collect();
    let mut points = series(store, &atlas, step, (from, to), &scopes).await?;
    let open = alerts::open(store, &within).await?;
    let items = scopes.iter().map(|scope| {
        let points = points.remove(&scope.topic).unwrap_or_default();
        TrendSeries {
            topic: scope.topic,
            n: points.iter().map(|point| point.n).sum(),
            judged: scope.is_judged(step),
            last: points.last().cloned(),
            points,
            alert_id: open.iter().find(|(_, topic)| *topic == scope.topic).map(|(id, _)| *id),
        }
    });
    let items = items.collect();
    Ok(TrendOverview {
        step,
        from: atlas.instant(&within, step, from),
        to: atlas.instant(&within, step, to),
        zone: atlas.zone(&within).iana_name().unwrap_or("UTC").to_owned(),
        items,
    })
}

/// One series.
pub async fn points(
    store: &Store,
    actor: &Actor,
    step: Step,
    period: Period,
    scope: Scope,
) -> Result<TrendPoints, TrendError> {
    actor.require(Right::Analyse)?;
    let (atlas, now) = (Atlas::load(store).await?, store.clock().now());
    let (from, to) = period.keys(&atlas, &scope, step, now)?;
    let points = series(store, &atlas, step, (from, to), &[scope]).await?.remove(&scope.topic).unwrap_or_default();
    let judged = scope.is_judged(step);
    let (steps, weight) = rows::model(store.pool(), step, &scope).await?.unwrap_or((0, 1.0));
    let (from, to) = (atlas.instant(&scope, step, from), atlas.instant(&scope, step, to));
    Ok(TrendPoints {
        step,
        from,
        to,
        topic: scope.topic,
        city: atlas.city(scope.city),
        channel: scope.channel,
        restaurant: atlas.restaurant(scope.restaurant),
        n: points.iter().map(|point| point.n).sum(),
        judged,
        points,
        formula: TrendFormula {
            counted: if scope.topic.is_some() { Counted::ContactOncePerTopic } else { Counted::ContactOnce },
            model: judged.then_some(TrendModel::NegativeBinomial),
            steps,
            zone: atlas.zone(&scope).iana_name().unwrap_or("UTC").to_owned(),
            outside: 0.01,
            rate: super::rate(step),
            weight,
        },
        alerts: alerts::within(store, &scope, from, to).await?,
    })
}

/// Series that leave the house as a file: that of the scope, or all of the overview. The export is audited.
pub async fn export(
    store: &Store,
    actor: &Actor,
    step: Step,
    period: Period,
    scope: Scope,
    by_topic: bool,
) -> Result<Vec<(Option<Topic>, Vec<TrendPoint>)>, TrendError> {
    let series = if by_topic {
        let overview = overview(store, actor, step, period, scope).await?;
        overview.items.into_iter().map(|series| (series.topic, series.points)).collect()
    } else {
        vec![(scope.topic, points(store, actor, step, period, scope).await?.points)]
    };
    let rows: usize = series.iter().map(|(_, points)| points.len()).sum();
    let mut change = store.begin().await?;
    let entry = audit::Entry::by(actor, Action::TrendsExported).with("step", step.as_str()).with("rows", rows);
    audit::write(&mut change, entry).await?;
    change.commit().await?;
    Ok(series)
}

/// The points of scopes that differ in their topic only, those that are over: judged ones as they were judged, all others
/// counted anew.
async fn series(
    store: &Store,
    atlas: &Atlas,
    step: Step,
    (from, to): (Timestamp, Timestamp),
    scopes: &[Scope],
) -> Result<std::collections::HashMap<Option<Topic>, Vec<TrendPoint>>, TrendError> {
    let to = to.min(atlas.over(step, store.clock().now()));
    let country = scopes.first().and_then(|scope| atlas.country(scope));
    let holidays = holidays::kept(store, country).await?;
    let (judged, counted): (Vec<&Scope>, Vec<&Scope>) = scopes.iter().partition(|scope| scope.is_judged(step));
    let mut found = std::collections::HashMap::<Option<Topic>, Vec<TrendPoint>>::new();
    let mut put = |scope: &Scope, row: rows::Row| {
        let local = atlas.local(scope, step, row.at);
        found.entry(scope.topic).or_default().push(TrendPoint {
            at: atlas.instant(scope, step, row.at),
            local,
            n: row.n,
            expected: row.expected,
            lower: row.lower,
            upper: row.upper,
            p: row.p,
            alert: row.alert,
            gap: row.gap,
            holiday: step <= Step::Day && holidays.holds(local.date()),
        });
    };
    let mut left = vec![(counted, from)];
    if let Some(scope) = judged.first() {
        let topics: Vec<&str> = judged.iter().map(|scope| scope.topic_key()).collect();
        for (topic, row) in rows::judged(store.pool(), step, scope, &topics, (from, to)).await? {
            put(&Scope { topic, ..**scope }, row);
        }
        // what is not judged yet is shown as it was counted, be it one step for a minute or all of a first start
        let since = judged_until(store.pool(), step).await?.map_or(from, |until| until.max(from));
        left.push((judged, since));
    }
    for (scopes, since) in left {
        let Some(scope) = scopes.first().filter(|_| since < to) else { continue };
        let topics: Vec<&str> = scopes.iter().map(|scope| scope.topic_key()).collect();
        for (topic, row) in rows::counted(store.pool(), step, scope, &topics, (since, to)).await? {
            put(&Scope { topic, ..**scope }, row);
        }
    }
    Ok(found)
}
