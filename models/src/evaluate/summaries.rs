//! How well summaries are made: the figures of `okno models evaluate --task summaries`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::iter;

use serde::Serialize;

use crate::entities::{Quantity, SaidNumbers, quantities};
use crate::evaluate::bootstrap::{Figure, figure};
use crate::evaluate::chrf::Shared;
use crate::evaluate::labelled::{LabelledFacts, LabelledSummary};
use crate::evaluate::score::{Counts, multiset};
use crate::evaluate::{LabelledContact, by_part, share};
use crate::reading::{Act, Evidence, ModelId, ReadError, Reader, ReadingModel, Scored, TalkReading};
use crate::summary::{self, Account, Fact, Fault, Summary, TextAuthor, Writer};
use crate::taxonomy::{FactKind, FactType, Speaker, Topic};

/// Figures on labelled contacts that have a summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummaryReport {
    pub model: ModelId,
    /// What became of the writer's texts; none without a writer.
    pub writer: Option<WriterFigures>,
    /// By part: `all`, a language.
    pub summaries: BTreeMap<String, SummaryFigures>,
    /// What simpler ways make of the same contacts.
    pub references: BTreeMap<String, TextFigures>,
    /// Of facts by (kind, type, amount, accepted) where all but the amount is as annotated: how far the rules for sums
    /// reach.
    pub annotated_facts_f1: Option<f64>,
    /// Each contact with what was made of it, the worst text first.
    pub outputs: Vec<SummaryOutput>,
}

/// All in [0, 1] but the counts and the length; a figure over nothing is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummaryFigures {
    pub n: usize,
    #[serde(flatten)]
    pub text: TextFigures,
    pub outcome_accuracy: Option<Figure>,
    pub issue_evidence_f1: Option<Figure>,
    pub outcome_evidence_f1: Option<Figure>,
    /// Of facts by (kind, type).
    pub facts_f1: Option<Figure>,
    /// Of facts by (kind, type, amount, accepted).
    pub whole_facts_f1: Option<Figure>,
    pub language_accuracy: Option<Figure>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextFigures {
    /// chrF++ over all texts together.
    pub chrf: Option<Figure>,
    /// Numbers of the reference that the text has, in digits or words.
    pub numbers_found: Option<Figure>,
    /// Numbers that no turn of their contact says, by value or to the letter, or only of another currency or of something
    /// else: those of the texts and, where there is a whole summary, of its issue, request, actions and promises.
    pub unsupported: usize,
    /// Characters of the text over those of the reference, mean over the contacts.
    pub length: Option<f64>,
}

/// How often the writer's text was taken, and why not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WriterFigures {
    pub model: ModelId,
    /// Contacts whose text is the writer's, in [0, 1].
    pub taken: Option<f64>,
    /// By fault of the writer's text, or by why none was written: the share of all contacts.
    pub faults: BTreeMap<String, f64>,
}

/// What was made of a contact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummaryOutput {
    pub id: String,
    pub chrf: f64,
    pub author: TextAuthor,
    pub text: String,
    pub reference: String,
}

struct Made<'a> {
    wanted: &'a LabelledContact,
    reference: &'a LabelledSummary,
    facts: Option<&'a LabelledFacts>,
    account: Account,
    /// Of the writer's text.
    fault: Option<Fault>,
}

/// A text beside its reference.
struct Text {
    shared: Shared,
    found: usize,
    wanted: usize,
    unsupported: usize,
    length: f64,
}

/// Summarises all contacts that have a summary and counts. `facts` are matched by id; `done` is told of each contact.
pub async fn evaluate_summaries(
    reader: &Reader,
    writer: Option<&Writer>,
    contacts: &[LabelledContact],
    facts: &[LabelledFacts],
    mut done: impl FnMut(),
) -> Result<SummaryReport, ReadError> {
    let by_id: HashMap<&str, &LabelledFacts> = facts.iter().map(|facts| (facts.id.as_str(), facts)).collect();
    let mut all = Vec::new();
    let mut references: BTreeMap<&str, Vec<Text>> = BTreeMap::new();
    let mut with_sums = Counts::default();
    for wanted in contacts {
        done();
        let Some(reference) = &wanted.summary else { continue };
        let turns: Vec<_> = wanted.turns.iter().map(|turn| (turn.speaker, turn.text.clone())).collect();
        let reading = ReadingModel::Here(reader.clone());
        let parts = summary::read(&reading, &turns).await?;
        let mut account = Account::of(turns.len(), &parts.0, parts.1.as_ref());
        let frame = account.summary.text.clone();
        let fault = match writer {
            Some(writer) => writer.tell(&reading, &parts.0, &mut account).await?.err(),
            None => None,
        };
        let facts = by_id.get(wanted.id.as_str()).copied();
        let annotated = facts.map(|facts| (facts, Account::of(turns.len(), &parts.0, Some(&as_read(wanted, facts)))));
        if let Some((facts, account)) = &annotated {
            with_sums += multiset(
                &facts.facts.iter().map(whole).collect::<Vec<_>>(),
                &account.facts.iter().map(whole).collect::<Vec<_>>(),
            );
        }
        if !reference.text.is_empty() {
            let annotated = annotated.map(|(_, account)| account.summary.text);
            let simple = [("leading customer turns", Some(leading(wanted))), ("evidence pasted", Some(pasted(wanted)))];
            let frame = writer.is_some().then_some(frame);
            for (name, text) in
                simple.into_iter().chain([("text of the annotated frame", annotated), ("text of the frame", frame)])
            {
                references
                    .entry(name)
                    .or_default()
                    .extend(text.map(|text| compare(&text, &reference.text, iter::empty(), wanted)));
            }
        }
        all.push(Made { wanted, reference, facts, account, fault });
    }
    let parts = |made: &Made<'_>| vec!["all".to_owned(), made.wanted.language.to_string()];
    Ok(SummaryReport {
        model: reader.model().clone(),
        writer: writer.map(|writer| writer_figures(writer, &all)),
        summaries: by_part(&all, parts, figures),
        references: references
            .into_iter()
            .map(|(name, texts)| (name.to_owned(), text_figures(&texts.iter().collect::<Vec<_>>())))
            .collect(),
        annotated_facts_f1: with_sums.f1(),
        outputs: outputs(&all),
    })
}

fn writer_figures(writer: &Writer, all: &[Made<'_>]) -> WriterFigures {
    let mut faults = BTreeMap::new();
    for fault in all.iter().filter_map(|made| made.fault) {
        *faults.entry(fault.as_str().to_owned()).or_insert(0.0) += 1.0 / all.len() as f64;
    }
    let all: Vec<&Made<'_>> = all.iter().collect();
    WriterFigures { model: writer.model().clone(), taken: share(&all, |made| made.fault.is_none()), faults }
}

fn figures(rows: &[&Made<'_>]) -> SummaryFigures {
    let texts: Vec<Text> = rows
        .iter()
        .filter(|made| !made.reference.text.is_empty())
        .map(|made| {
            let summary = &made.account.summary;
            compare(&summary.text, &made.reference.text, parts(summary), made.wanted)
        })
        .collect();
    let known: Vec<&Made<'_>> = rows.iter().filter(|made| made.facts.is_some()).copied().collect();
    let evidence = |of: fn(&Evidence) -> &Vec<u32>| {
        figure(rows, |rows| {
            sum(rows.iter().filter_map(|made| {
                let wanted = made.wanted.evidence.as_ref().map(of)?;
                Some(multiset(wanted, of(&made.account.evidence)))
            }))
        })
    };
    SummaryFigures {
        n: rows.len(),
        text: text_figures(&texts.iter().collect::<Vec<_>>()),
        outcome_accuracy: figure(rows, |rows| {
            share(rows, |made| made.reference.outcome == made.account.summary.outcome)
        }),
        issue_evidence_f1: evidence(|evidence| &evidence.issue),
        outcome_evidence_f1: evidence(|evidence| &evidence.outcome),
        facts_f1: figure(&known, |rows| facts_f1(rows, |fact| (fact.kind, fact.what))),
        whole_facts_f1: figure(&known, |rows| facts_f1(rows, whole)),
        language_accuracy: figure(rows, |rows| share(rows, |made| made.wanted.language == made.account.language)),
    }
}

fn whole(fact: &Fact) -> (FactKind, FactType, Option<String>, Option<bool>) {
    (fact.kind, fact.what, fact.amount.clone(), fact.accepted)
}

fn facts_f1<K: PartialEq>(rows: &[&Made<'_>], key: impl Fn(&Fact) -> K) -> Option<f64> {
    let keys = |facts: &[Fact]| facts.iter().map(&key).collect::<Vec<K>>();
    sum(rows.iter().filter_map(|made| Some(multiset(&keys(&made.facts?.facts), &keys(&made.account.facts)))))
}

fn sum(all: impl Iterator<Item = Counts>) -> Option<f64> {
    let mut counts = Counts::default();
    all.for_each(|more| counts += more);
    counts.f1()
}

fn text_figures(texts: &[&Text]) -> TextFigures {
    TextFigures {
        chrf: figure(texts, |texts| {
            let mut shared = Shared::default();
            texts.iter().for_each(|text| shared += text.shared);
            (!texts.is_empty()).then(|| shared.score())
        }),
        numbers_found: figure(texts, |texts| {
            let (found, wanted) = texts.iter().fold((0, 0), |sum, text| (sum.0 + text.found, sum.1 + text.wanted));
            (wanted > 0).then(|| found as f64 / wanted as f64)
        }),
        unsupported: texts.iter().map(|text| text.unsupported).sum(),
        length: (!texts.is_empty()).then(|| texts.iter().map(|text| text.length).sum::<f64>() / texts.len() as f64),
    }
}

/// All that a summary says in words beside its text.
fn parts(summary: &Summary) -> impl Iterator<Item = &str> {
    let single = [summary.issue.as_str(), summary.request.as_str()];
    single.into_iter().chain(summary.actions.iter().chain(&summary.promises).map(String::as_str))
}

/// How many numbers of these texts no turn of the contact says, or says of something else only.
fn unsupported<'a>(texts: impl Iterator<Item = &'a str>, contact: &LabelledContact) -> usize {
    let said = SaidNumbers::of(contact.turns.iter().map(|turn| turn.text.as_str()));
    let stands = |words: &str| contact.turns.iter().any(|turn| turn.text.contains(words));
    let is_said = |number: &Quantity<'_>| {
        (said.has(number) || stands(number.text))
            && (said.of_the_same(number) || (!number.of.is_empty() && stands(number.whole)))
    };
    texts.flat_map(quantities).filter(|number| !is_said(number)).count()
}

fn values(text: &str) -> HashSet<u64> {
    quantities(text).iter().map(|number| number.value).collect()
}

/// `beside`: what else is said with the text, whose numbers have to be supported too.
fn compare<'a>(
    text: &'a str,
    reference: &str,
    beside: impl Iterator<Item = &'a str>,
    contact: &LabelledContact,
) -> Text {
    let (mine, wanted) = (values(text), values(reference));
    Text {
        shared: Shared::of(text, reference),
        found: wanted.intersection(&mine).count(),
        wanted: wanted.len(),
        unsupported: unsupported(iter::once(text).chain(beside), contact),
        length: text.chars().count() as f64 / reference.chars().count().max(1) as f64,
    }
}

fn outputs(all: &[Made<'_>]) -> Vec<SummaryOutput> {
    let mut outputs: Vec<SummaryOutput> = all
        .iter()
        .map(|made| {
            let (text, reference) = (made.account.summary.text.clone(), made.reference.text.clone());
            let (id, author) = (made.wanted.id.clone(), made.account.author);
            SummaryOutput { id, chrf: Shared::of(&text, &reference).score(), author, text, reference }
        })
        .collect();
    outputs.sort_by(|a, b| a.chrf.total_cmp(&b.chrf));
    outputs
}

/// What the customer says first, about as long as the reference.
fn leading(contact: &LabelledContact) -> String {
    let size = contact.summary.as_ref().map_or(0, |summary| summary.text.chars().count());
    let said: Vec<&str> =
        contact.turns.iter().filter(|turn| turn.speaker == Speaker::Customer).map(|turn| turn.text.as_str()).collect();
    said.join(" ").chars().take(size).collect()
}

/// All turns that the annotated summary rests on.
fn pasted(contact: &LabelledContact) -> String {
    let Some(evidence) = &contact.evidence else { return String::new() };
    let parts = [&evidence.issue, &evidence.request, &evidence.actions, &evidence.promises, &evidence.outcome];
    let turns: std::collections::BTreeSet<u32> = parts.into_iter().flatten().copied().collect();
    let said: Vec<&str> =
        turns.iter().filter_map(|turn| contact.turns.get(*turn as usize)).map(|turn| turn.text.as_str()).collect();
    said.join(" ")
}

/// The annotation in the shape of a reading: what a model that never erred would say. Of contacts without long turns.
fn as_read(contact: &LabelledContact, facts: &LabelledFacts) -> TalkReading {
    let sure = |topic: &Topic| Scored { value: *topic, score: 1.0 };
    let acts = |turn: u32| {
        let of = facts.facts.iter().filter(move |fact| fact.turn == turn);
        of.map(|fact| Act { kind: fact.kind, what: fact.what, score: 1.0, accepted: fact.accepted }).collect()
    };
    let mut reading = TalkReading::nothing();
    reading.whole.topics = contact.topics.iter().map(sure).collect();
    reading.whole.sentiment.value = contact.sentiment;
    reading.roles = contact
        .turns
        .iter()
        .map(|turn| turn.roles.iter().map(|role| Scored { value: *role, score: 1.0 }).collect())
        .collect();
    reading.acts = (0..).take(contact.turns.len()).map(acts).collect();
    reading.outcome.value = contact.summary.as_ref().map_or(reading.outcome.value, |summary| summary.outcome);
    reading.evidence = contact.evidence.clone().unwrap_or_default();
    reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::LabelledTurn;
    use crate::taxonomy::{Language, Outcome, Sentiment, Urgency};

    #[test]
    fn numbers_that_no_turn_says_are_counted_in_every_part_of_a_summary() {
        let text = "Вернули деньги за заказ 48213, скидка двадцать процентов".to_owned();
        let wanted = LabelledContact {
            id: "a".to_owned(),
            language: Language::Ru,
            turns: vec![LabelledTurn { speaker: Speaker::Operator, text, roles: Vec::new() }],
            topics: Vec::new(),
            sentiment: Sentiment::Neutral,
            urgency: Urgency::Normal,
            summary: None,
            evidence: None,
        };
        let reference = LabelledSummary { outcome: Outcome::Resolved, text: "Заказ 48213.".to_owned() };
        let unsupported = |summary: Summary| {
            let account = Account { summary, ..Account::of(0, &[], None) };
            let made = Made { wanted: &wanted, reference: &reference, facts: None, account, fault: None };
            figures(&[&made]).text.unsupported
        };
        let said = Summary {
            issue: "Заказ 48213.".to_owned(),
            request: String::new(),
            actions: vec!["скидка 20 процентов".to_owned()],
            promises: Vec::new(),
            outcome: Outcome::Resolved,
            text: "Заказ 48213, скидка 20 процентов.".to_owned(),
        };
        assert_eq!(unsupported(said.clone()), 0);
        let wrong = || "вернули 690 рублей".to_owned();
        assert_eq!(unsupported(Summary { text: wrong(), ..said.clone() }), 1);
        assert_eq!(unsupported(Summary { issue: wrong(), ..said.clone() }), 1);
        assert_eq!(unsupported(Summary { request: wrong(), ..said.clone() }), 1);
        assert_eq!(unsupported(Summary { actions: vec![wrong(), wrong()], ..said.clone() }), 2);
        assert_eq!(unsupported(Summary { promises: vec![wrong()], ..said.clone() }), 1);
        assert_eq!(unsupported(Summary { promises: vec!["скидка 20 рублей".to_owned()], ..said }), 1);
    }
}
