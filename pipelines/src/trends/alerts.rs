//! Alerts as they are shown.

use jiff::Timestamp;
use models::entities::folded;
use models::taxonomy::Topic;
use models::trends::Step;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::atlas::{Atlas, Place, after};
use super::contacts::{TrendContact, contacts_of, shown};
use super::points::{StepWord, bounded};
use super::store::{acts, alerts as rows, points};
use super::{ActId, AlertAct, AlertKind, AlertState, AlertVerdict, Scope, TrendError};
use crate::conversations::view::Person;
use crate::events::{AlertId, Channel};
use crate::orders::{CityId, RestaurantId};
use crate::platform::page::{Cursor, Limit, Page};
use crate::platform::store::{Store, StoreError};
use crate::workforce::{Actor, Forbidden, Right};

/// Something that stood out, as it stands at `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendAlert {
    pub id: AlertId,
    /// Of its last change, gap-free over all alerts.
    pub seq: i64,
    pub kind: AlertKind,
    pub state: AlertState,
    #[schema(value_type = StepWord)]
    pub step: Step,
    pub topic: Option<Topic>,
    pub city: Option<Place>,
    pub channel: Option<Channel>,
    pub restaurant: Option<Place>,
    /// IANA name of the zone in which its days and hours are.
    pub zone: String,
    pub began: Timestamp,
    pub peak_at: Timestamp,
    /// A feed that was silent for 14 days is closed: its alert ends though it says nothing.
    pub ended: Option<Timestamp>,
    /// Contacts of the step at its peak.
    pub n: i64,
    pub expected: f64,
    /// Of an ordinary step; none for a theme, which no series stands behind.
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub p: f64,
    /// At most three, the one that explains most first; none: nothing explains it.
    pub causes: Vec<TrendCause>,
    /// What marks the talks of a theme.
    pub words: Vec<String>,
    pub acknowledged_by: Option<Person>,
    pub acknowledged_at: Option<Timestamp>,
    pub muted_until: Option<Timestamp>,
    pub verdict: Option<AlertVerdict>,
    pub comments: i32,
}

impl TrendAlert {
    /// The contacts that it speaks of.
    fn scope(&self) -> Scope {
        Scope {
            topic: self.topic,
            city: self.city.as_ref().map(|place| CityId(place.id)),
            channel: self.channel,
            restaurant: self.restaurant.as_ref().map(|place| RestaurantId(place.id)),
        }
    }

    /// Whether those who serve customers should know of it: it goes on, is not muted and was not called noise.
    pub(super) fn is_worth_a_look(&self, now: Timestamp) -> bool {
        let muted = self.muted_until.is_some_and(|until| until > now);
        self.ended.is_none() && !muted && self.verdict != Some(AlertVerdict::Noise)
    }
}

/// A part of the contacts that explains an excess: what is none does not matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendCause {
    pub topic: Option<Topic>,
    pub city: Option<Place>,
    pub channel: Option<Channel>,
    pub restaurant: Option<Place>,
    /// The dish that its contacts complain of, as menus write it.
    pub dish: Option<String>,
    /// Contacts above what was to be expected there.
    pub excess: f64,
    /// Of the whole excess.
    pub share: f64,
    pub score: f64,
}

impl TrendCause {
    /// The contacts that it speaks of, within those of the alert.
    fn scope(&self, of: &Scope) -> Scope {
        Scope {
            topic: self.topic.or(of.topic),
            city: self.city.as_ref().map(|place| CityId(place.id)).or(of.city),
            channel: self.channel.or(of.channel),
            restaurant: self.restaurant.as_ref().map(|place| RestaurantId(place.id)).or(of.restaurant),
        }
    }
}

/// An alert with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendAlertDetail {
    pub alert: TrendAlert,
    /// The series that rose together, the strangest first.
    pub series: Vec<RisenSeries>,
    /// What is typically said in the talks of a theme, personal data masked; only for those who may read talks.
    pub sentences: Vec<String>,
    /// What was done with it, latest first.
    pub history: Vec<AlertRecord>,
}

/// A series that rose with others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RisenSeries {
    #[schema(value_type = StepWord)]
    pub step: Step,
    pub topic: Option<Topic>,
    pub city: Option<Place>,
    pub channel: Option<Channel>,
    pub restaurant: Option<Place>,
    pub began: Timestamp,
    pub peak_at: Timestamp,
    pub ended: Option<Timestamp>,
    pub n: i64,
    pub expected: f64,
    pub p: f64,
}

/// What somebody did with an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertRecord {
    pub id: ActId,
    pub at: Timestamp,
    pub by: Person,
    pub act: AlertAct,
    pub text: Option<String>,
    pub until: Option<Timestamp>,
    pub verdict: Option<AlertVerdict>,
}

/// What the list is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    pub state: Option<AlertState>,
    pub kind: Option<AlertKind>,
    pub topic: Option<Topic>,
    pub city: Option<CityId>,
    pub channel: Option<Channel>,
    pub restaurant: Option<RestaurantId>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// Who looks at alerts: analysts at all of them, those who serve customers at what goes on now and is worth a look.
pub(super) fn require_sees(actor: &Actor) -> Result<(), Forbidden> {
    actor.require(Right::Analyse).or_else(|_| actor.require(Right::Serve))
}

/// Alerts, the latest first.
pub async fn list(
    store: &Store,
    actor: &Actor,
    filter: Filter,
    before: Option<Cursor>,
    limit: Limit,
) -> Result<Page<TrendAlert>, TrendError> {
    require_sees(actor)?;
    let (from, to) = (filter.from.map(bounded).transpose()?, filter.to.map(bounded).transpose()?);
    let filter = Filter { from, to, ..filter };
    let worth = (!actor.can(Right::Analyse)).then(|| store.clock().now());
    let places = rows::page(store.pool(), filter, worth, before, limit.one_more()).await?;
    let page = Page::of(places, limit, Cursor::to_string);
    let ids: Vec<_> = page.items.iter().map(|place| AlertId(place.id)).collect();
    Ok(Page { items: of(store, &ids).await?, next: page.next })
}

/// The alerts of these ids, in their order.
pub(super) async fn of(store: &Store, ids: &[AlertId]) -> Result<Vec<TrendAlert>, StoreError> {
    let mut alerts = rows::of(store.pool(), ids).await?;
    if alerts.is_empty() {
        return Ok(alerts);
    }
    let atlas = Atlas::load(store).await?;
    for alert in &mut alerts {
        alert.zone = atlas.zone(&alert.scope()).iana_name().unwrap_or("UTC").to_owned();
    }
    alerts.sort_by_key(|alert| ids.iter().position(|id| *id == alert.id));
    Ok(alerts)
}

/// An alert with all that belongs to it.
pub async fn detail(store: &Store, actor: &Actor, id: AlertId) -> Result<TrendAlertDetail, TrendError> {
    actor.require(Right::Analyse)?;
    let alert = of(store, &[id]).await?.pop().ok_or(TrendError::NotFound)?;
    let atlas = Atlas::load(store).await?;
    let series = rows::series(store.pool(), id).await?.into_iter().map(|row| RisenSeries {
        step: row.step,
        topic: row.scope.topic,
        city: atlas.city(row.scope.city),
        channel: row.scope.channel,
        restaurant: atlas.restaurant(row.scope.restaurant),
        began: atlas.instant(&row.scope, row.step, row.began),
        peak_at: atlas.instant(&row.scope, row.step, row.peak_at),
        ended: row.ended.map(|at| atlas.instant(&row.scope, row.step, at)),
        n: row.n,
        expected: row.expected,
        p: row.p,
    });
    let series = series.collect();
    let reads_talks = actor.can(Right::SeeTeam);
    let sentences = if reads_talks { rows::sentences(store.pool(), id).await? } else { Vec::new() };
    Ok(TrendAlertDetail { alert, series, sentences, history: acts::of(store.pool(), id).await? })
}

/// The contacts of an alert from its beginning to its end, or of one of its causes, latest first.
pub async fn contacts(
    store: &Store,
    actor: &Actor,
    id: AlertId,
    cause: Option<usize>,
    before: Option<Cursor>,
    limit: Limit,
) -> Result<Page<TrendContact>, TrendError> {
    actor.require(Right::Analyse)?;
    let alert = of(store, &[id]).await?.pop().ok_or(TrendError::NotFound)?;
    let atlas = Atlas::load(store).await?;
    if alert.kind == AlertKind::Theme {
        let found = points::contacts_of_theme(store.pool(), id.0, before, limit.one_more()).await?;
        return Ok(shown(&atlas, found, actor.can(Right::SeeTeam), limit));
    }
    let whole = alert.scope();
    let (scope, dish) = match cause {
        Some(at) => {
            let cause = alert.causes.get(at).ok_or(TrendError::NotFound)?;
            (cause.scope(&whole), cause.dish.as_deref().map(folded))
        }
        None => (whole, None),
    };
    let times = (alert.began, alert.peak_at, alert.ended);
    let (from, to) = keys(&atlas, &whole, alert.step, times, store.clock().now());
    let span = points::Span::of(alert.step, from, to);
    contacts_of(store, actor, &atlas, span, (&scope, dish.as_deref()), before, limit).await
}

/// The keys of the step in which an alert began and of the first after it. The figures of its peak open to contacts
/// even where judging anew ended it with the beginning of that step.
fn keys(
    atlas: &Atlas,
    scope: &Scope,
    step: Step,
    (began, peak, ended): (Timestamp, Timestamp, Option<Timestamp>),
    now: Timestamp,
) -> (Timestamp, Timestamp) {
    let key = |at: Timestamp| atlas.key_of(scope, step, at);
    let end = ended.map_or_else(|| after(step, key(now)), key);
    (key(began), end.max(after(step, key(peak))))
}

/// Alerts of counts that go on with their topics, the latest first, those that may be about contacts of `within`. Themes
/// and silences have no topic either, but are no rise of all contacts.
pub(super) async fn open(store: &Store, within: &Scope) -> Result<Vec<(AlertId, Option<Topic>)>, StoreError> {
    let open = rows::open(store.pool()).await?;
    let about = |scope: &Scope| Scope { topic: None, ..*scope }.meets(&Scope { topic: None, ..*within });
    let rose = open.into_iter().filter(|(_, kind, scope)| *kind == AlertKind::Count && about(scope));
    Ok(rose.map(|(id, _, scope)| (id, scope.topic)).collect())
}

/// Alerts of the scope's topic (none: of all contacts) and of a period that may be about contacts of the scope, the latest
/// first.
pub(super) async fn within(
    store: &Store,
    scope: &Scope,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<TrendAlert>, StoreError> {
    of(store, &rows::within(store.pool(), scope, (from, to), 100).await?).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_holds_the_contacts_of_its_peak_wherever_it_ended() {
        let atlas = Atlas::of(Vec::new(), Vec::new()).unwrap();
        let at = |time: &str| format!("2026-11-26T{time}:00Z").parse::<Timestamp>().unwrap();
        let held = |peak: &str, ended: Option<&str>| {
            let times = (at("10:00"), at(peak), ended.map(at));
            keys(&atlas, &Scope::default(), Step::Hour, times, at("14:20"))
        };
        assert_eq!(held("11:00", Some("13:00")), (at("10:00"), at("13:00")));
        assert_eq!(held("11:00", None), (at("10:00"), at("15:00")), "it goes on");
        assert_eq!(held("11:00", Some("11:00")), (at("10:00"), at("12:00")), "it was ended with its peak");
        assert_eq!(held("10:00", Some("10:00")), (at("10:00"), at("11:00")), "it had one step only");
    }
}
