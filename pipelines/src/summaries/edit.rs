//! What the people who serve a contact do with its summary: ask for one, put it right, stand for it.

use std::collections::HashMap;

use models::summary::{Sentence, Summary, supported};
use strsim::levenshtein;

use super::stage::MOST_TURNS;
use super::store::talk::{self, Talk};
use super::store::{self, Current, Made, Whole};
use super::view::{self, SummaryView};
use super::{SummaryError, SummaryReason};
use crate::conversations::steps;
use crate::conversations::store::life::Locked;
use crate::conversations::store::lists::sees;
use crate::conversations::view::require_seen;
use crate::events::{ContactId, EventBody, MessageId};
use crate::platform::store::{Change, Store, StoreError};
use crate::workforce::{Actor, Right};

/// What became of a wish for a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    OnItsWay,
    /// The current one rests on all that was said, or nothing was.
    UpToDate,
}

/// Asks for a summary of the contact as it stands.
pub async fn ask(store: &Store, actor: &Actor, contact: ContactId) -> Result<Asked, SummaryError> {
    let seen = require_seen(store, actor, contact).await?;
    let mut change = store.begin().await?;
    let said = talk::as_of_seq(change.conn(), seen.customer_id, contact).await?;
    let current = store::current(change.conn(), seen.customer_id, contact).await?;
    if said <= current.map(|current| current.as_of_seq) {
        return Ok(Asked::UpToDate);
    }
    change.append(seen.customer_id, contact, Some(actor.id), EventBody::SummaryAsked {}).await?;
    actor.commit(change).await?;
    Ok(Asked::OnItsWay)
}

/// Replaces the words of the current version by a person's. Words that are there already change nothing.
///
/// What the new words rest on is found before the contact is locked, for in a long talk that takes a while.
pub async fn edit(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    version: i32,
    summary: Summary,
) -> Result<SummaryView, SummaryError> {
    let (whole, talk) = before(store, actor, contact, version).await?;
    let distance = distance(&whole.written.summary, &summary);
    let mut account = whole.account;
    let kept = sentences(&account.summary.text, &account.sentences, &summary.text);
    account.sentences = supported(&summary.text, kept, &turns(&whole.messages, &talk));
    let is_new = account.summary != summary;
    account.summary = summary;
    let mut change = store.begin().await?;
    let (locked, current) = own(&mut change, actor, contact, version).await?;
    if !is_new {
        drop(change);
        return view::summary(store, actor, contact).await;
    }
    let made = Made {
        as_of_seq: current.as_of_seq,
        reason: SummaryReason::Edited,
        model: &whole.model,
        edit: Some((actor.id, distance)),
        account: &account,
        messages: &whole.messages,
        latency_us: 0,
    };
    let version = store::put(&mut change, locked.customer, contact, &made).await?;
    let body = EventBody::SummaryReady { version, as_of_seq: current.as_of_seq };
    change.append(locked.customer, contact, Some(actor.id), body).await?;
    actor.commit(change).await?;
    metrics::histogram!("okno_summary_edit_characters").record(f64::from(distance));
    view::summary(store, actor, contact).await
}

/// Notes that the actor stands for the current version. Once somebody does, it stays theirs until the next version.
pub async fn confirm(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    version: i32,
) -> Result<SummaryView, SummaryError> {
    let mut change = store.begin().await?;
    let (locked, current) = own(&mut change, actor, contact, version).await?;
    if current.confirmed {
        drop(change);
    } else {
        store::confirm(&mut change, locked.customer, contact, actor.id).await?;
        let body = EventBody::SummaryReady { version, as_of_seq: current.as_of_seq };
        change.append(locked.customer, contact, Some(actor.id), body).await?;
        actor.commit(change).await?;
    }
    view::summary(store, actor, contact).await
}

/// This version and the talk, read without a lock. The version is current here, versions only follow one another, and
/// [`own`] finds it current still: so what is read between the two is of no other.
async fn before(store: &Store, actor: &Actor, contact: ContactId, version: i32) -> Result<(Whole, Talk), SummaryError> {
    actor.require(Right::Serve)?;
    let customer = require_seen(store, actor, contact).await?.customer_id;
    let mut conn = store.pool().acquire().await.map_err(StoreError::from)?;
    let current = store::current(&mut conn, customer, contact).await?.ok_or(SummaryError::NotFound)?;
    if current.version != version {
        return Err(SummaryError::Stale);
    }
    let whole = store::whole(&mut conn, customer, contact).await?.ok_or(SummaryError::NotFound)?;
    let talk = talk::of(&mut *conn, customer, contact, MOST_TURNS).await?.unwrap_or_default();
    Ok((whole, talk))
}

/// The contact locked and its current summary, for who has the contact or had it last, and for administrators.
async fn own(
    change: &mut Change,
    actor: &Actor,
    contact: ContactId,
    version: i32,
) -> Result<(Locked, Current), SummaryError> {
    actor.require(Right::Serve)?;
    let locked = steps::lock(change, contact).await?;
    if !sees(change.conn(), actor, contact).await? {
        return Err(SummaryError::NotFound);
    }
    if locked.place.operator() != Some(actor.id) && !actor.can(Right::Administer) {
        return Err(SummaryError::NotYours);
    }
    let current = store::current(change.conn(), locked.customer, contact).await?.ok_or(SummaryError::NotFound)?;
    if current.version != version {
        return Err(SummaryError::Stale);
    }
    Ok((locked, current))
}

/// Characters to put in, take out or replace, summed over the parts; another outcome counts as one.
fn distance(written: &Summary, edited: &Summary) -> i32 {
    let parts = [
        levenshtein(&written.issue, &edited.issue),
        levenshtein(&written.request, &edited.request),
        levenshtein(&written.actions.join("\n"), &edited.actions.join("\n")),
        levenshtein(&written.promises.join("\n"), &edited.promises.join("\n")),
        usize::from(written.outcome != edited.outcome),
        levenshtein(&written.text, &edited.text),
    ];
    i32::try_from(parts.iter().sum::<usize>()).unwrap_or(i32::MAX)
}

/// What each turn of a version says now; nothing where its message is gone, so that all others keep their number.
fn turns<'a>(messages: &[MessageId], talk: &'a Talk) -> Vec<&'a str> {
    let said = talk.messages.iter().zip(&talk.turns).map(|(message, (_, text))| (message.0, text.as_str()));
    let said: HashMap<_, _> = said.collect();
    messages.iter().map(|message| said.get(&message.0).copied().unwrap_or_default()).collect()
}

/// The sentences that the edit left to the letter and in their order keep the turns that they rest on, at their new
/// places.
fn sentences(before: &str, known: &[Sentence], after: &str) -> Vec<Sentence> {
    let (mut kept, mut from) = (Vec::new(), 0);
    for sentence in known {
        let text: String = before
            .chars()
            .skip(sentence.start as usize)
            .take(sentence.end.saturating_sub(sentence.start) as usize)
            .collect();
        let Some(at) = place(&after[from..], &text).map(|at| from + at) else { continue };
        from = at + text.len();
        let start = u32::try_from(after[..at].chars().count()).unwrap_or(u32::MAX);
        let end = start + (sentence.end - sentence.start);
        kept.push(Sentence { start, end, turns: sentence.turns.clone() });
    }
    kept
}

/// The byte at which a sentence stands by itself, not within a person's: "Вернут 1." in "Вернут 1.5 тысячи."
fn place(text: &str, sentence: &str) -> Option<usize> {
    let is_gap = |sign: Option<char>| sign.is_none_or(char::is_whitespace);
    let is_whole =
        |at: &usize| is_gap(text[..*at].chars().next_back()) && is_gap(text[*at + sentence.len()..].chars().next());
    text.match_indices(sentence).map(|(at, _)| at).find(is_whole).filter(|_| !sentence.is_empty())
}

#[cfg(test)]
mod tests {
    use models::taxonomy::Outcome;

    use super::*;

    fn summary(text: &str) -> Summary {
        Summary {
            issue: "Не привезли суп.".into(),
            request: "Вернуть деньги.".into(),
            actions: vec!["проверен заказ".into()],
            promises: Vec::new(),
            outcome: Outcome::Promised,
            text: text.into(),
        }
    }

    #[test]
    fn the_distance_counts_characters_of_every_part() {
        let written = summary("Суп не привезли.");
        assert_eq!(distance(&written, &written), 0);
        assert_eq!(distance(&written, &summary("Суп не привезли!")), 1);
        let other = Summary {
            actions: vec!["проверен заказ 5".into()], outcome: Outcome::Resolved, ..written.clone()
        };
        assert_eq!(distance(&written, &other), 2 + 1);
    }

    #[test]
    fn sentences_that_stay_keep_their_turns_at_their_new_place() {
        let before = "Суп не привезли. Деньги вернут.";
        let known = [Sentence { start: 0, end: 16, turns: vec![0] }, Sentence { start: 17, end: 31, turns: vec![3] }];
        let after = "Обещали быстро. Деньги вернут.";
        assert_eq!(sentences(before, &known, after), [Sentence { start: 16, end: 30, turns: vec![3] }]);
        assert_eq!(sentences(before, &known, before), known);
        assert_eq!(
            sentences(before, &known, "Деньги вернут. Суп не привезли."),
            [Sentence { start: 15, end: 31, turns: vec![0] }]
        );
        assert_eq!(sentences(before, &known, ""), []);
        let broken = [Sentence { start: 9, end: 3, turns: vec![0] }, Sentence { start: 90, end: 99, turns: vec![0] }];
        assert_eq!(sentences(before, &broken, before), []);
    }

    #[test]
    fn a_sentence_within_a_persons_sentence_is_not_kept() {
        let known = [Sentence { start: 0, end: 9, turns: vec![0] }];
        assert_eq!(sentences("Вернут 1.", &known, "Вернут 1.5 тысячи."), []);
        assert_eq!(sentences("Вернут 1.", &known, "Неправда, что «Вернут 1.»"), []);
        let later = Sentence { start: 11, end: 20, turns: vec![0] };
        assert_eq!(sentences("Вернут 1.", &known, "Вернут 1.5 Вернут 1."), [later]);
    }
}
