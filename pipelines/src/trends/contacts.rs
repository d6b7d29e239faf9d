//! The contacts behind a figure.

use jiff::Timestamp;
use models::taxonomy::Topic;
use models::trends::Step;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::atlas::{Atlas, Place};
use super::points::{Period, bounded};
use super::store::points as rows;
use super::{Scope, TrendError};
use crate::events::{Channel, ContactId};
use crate::platform::page::{Cursor, Limit, Page};
use crate::platform::store::Store;
use crate::workforce::{Actor, Right};

/// A contact behind a figure: nothing of what was said in it, nor by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendContact {
    pub contact_id: ContactId,
    /// The five minutes in which it counts.
    pub at: Timestamp,
    pub topics: Vec<Topic>,
    pub channel: Channel,
    pub city: Option<Place>,
    pub restaurant: Option<Place>,
    /// Whether the reader may open the talk.
    pub opens: bool,
}

/// Which steps' contacts are asked for: the one that begins at a time, or those from one time up to another.
#[derive(Clone, Copy, Debug)]
pub enum Behind {
    Point(Timestamp),
    Period(Period),
}

/// The contacts of a series in one step or in those of a period, latest first.
pub async fn contacts(
    store: &Store,
    actor: &Actor,
    (step, behind): (Step, Behind),
    scope: Scope,
    before: Option<Cursor>,
    limit: Limit,
) -> Result<Page<TrendContact>, TrendError> {
    actor.require(Right::Analyse)?;
    let atlas = Atlas::load(store).await?;
    let span = match behind {
        Behind::Point(at) => {
            rows::Span::of_step(step, atlas.key(&scope, step, bounded(at)?).ok_or(TrendError::OffStep)?)
        }
        Behind::Period(period) => {
            let (from, to) = period.keys(&atlas, &scope, step, store.clock().now())?;
            rows::Span::of(step, from, to)
        }
    };
    contacts_of(store, actor, &atlas, span, (&scope, None), before, limit).await
}

/// The contacts of a scope, or those of them that complain of a dish.
pub(super) async fn contacts_of(
    store: &Store,
    actor: &Actor,
    atlas: &Atlas,
    span: rows::Span,
    of: (&Scope, Option<&str>),
    before: Option<Cursor>,
    limit: Limit,
) -> Result<Page<TrendContact>, TrendError> {
    let found = rows::contacts(store.pool(), span, of, before, limit.one_more()).await?;
    let opens = actor.can(Right::SeeTeam);
    Ok(shown(atlas, found, opens, limit))
}

/// A page of contacts, of which one more than its limit was asked for.
pub(super) fn shown(atlas: &Atlas, found: Vec<rows::Counted>, opens: bool, limit: Limit) -> Page<TrendContact> {
    let contact = |row: rows::Counted| TrendContact {
        contact_id: row.contact,
        at: row.at,
        topics: row.topics,
        channel: row.channel,
        city: atlas.city(row.city),
        restaurant: atlas.restaurant(row.restaurant),
        opens,
    };
    let found = found.into_iter().map(contact).collect();
    Page::of(found, limit, |contact: &TrendContact| Cursor { at: contact.at, id: contact.contact_id.0 }.to_string())
}
