//! Talks that go on while somebody looks: at a readable pace, some served by colleagues, some waiting in the queue.

use std::sync::Arc;
use std::time::Duration;

use models::taxonomy::Language;
use pipelines::demonstration::{PASSWORD, Writer, secret_of};
use pipelines::platform::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::queue;
use crate::replay::{Dialogue, Doors, Regular, Stage, parse, replay};

/// Colleagues who serve talks of one language, with the doors and the talks for it. Whoever is tried first by a
/// visitor is not among them: their desk stays free.
struct Table {
    language: Language,
    logins: &'static [&'static str],
    doors: [&'static str; 4],
    talks: &'static [&'static str],
}

/// Talks that we wrote for the models, with what operators answered.
#[rustfmt::skip]
static TABLES: [Table; 4] = [
    Table { language: Language::Ru, logins: &["denis", "katya"], doors: ["demo-bot", "demo-site", "demo-app", "demo-calls"],
        talks: &[include_str!("../../../../models/data/dialogues-ru-chat.jsonl"), include_str!("../../../../models/data/dialogues-ru-call.jsonl")] },
    Table { language: Language::Kk, logins: &["aigerim"], doors: ["demo-bot-kz", "demo-site-kz", "demo-app", "demo-calls-kz"],
        talks: &[include_str!("../../../../models/data/dialogues-kk.jsonl")] },
    Table { language: Language::Uz, logins: &["dilnoza"], doors: ["demo-bot-uz", "demo-site-uz", "demo-app", "demo-calls-uz"],
        talks: &[include_str!("../../../../models/data/dialogues-uz.jsonl")] },
    Table { language: Language::En, logins: &["yerlan"], doors: ["demo-bot", "demo-site", "demo-app", "demo-calls"],
        talks: &[include_str!("../../../../models/data/dialogues-en.jsonl")] },
];

/// People who call or write to be served come from the first half of the writers, those who wait from the second.
pub(super) async fn play(url: String, clock: Clock, writers: Vec<Writer>, stopping: CancellationToken) {
    let tables = TABLES.iter().zip(1..).map(|(table, number)| {
        let stage = stage(table, &url, &clock, number, &writers);
        serve(table, stage, clock.clone())
    });
    let waiting = queue::fill(&url, &clock, &writers);
    let everything = futures::future::join(futures::future::join_all(tables), waiting);
    stopping.run_until_cancelled(everything).await;
}

/// Plays the talks of a table from the first to the last and again.
async fn serve(table: &Table, mut stage: Stage, clock: Clock) {
    /// Between the last talk and the first again, and after a server that refuses.
    const PAUSE: Duration = Duration::from_secs(10);
    loop {
        let ended = replay(&stage, dialogues(table), |dialogue, outcome| {
            if let Err(error) = outcome {
                tracing::debug!(talk = dialogue.id, %error, "a talk of the demonstration broke off");
            }
        });
        if let Err(error) = ended.await {
            tracing::debug!(%error, "the talks of the demonstration begin again");
        }
        tokio::time::sleep(PAUSE).await;
        stage.run += TABLES.len() as u64;
        stage.began = clock.now();
    }
}

fn stage(table: &Table, url: &str, clock: &Clock, number: u64, writers: &[Writer]) -> Stage {
    let [bot, site, app, calls] = table.doors;
    let door = |slug: &str| (slug.to_owned(), secret_of(slug));
    Stage {
        url: url.to_owned(),
        speed: 1.0,
        at_once: table.logins.len(),
        logins: table.logins.iter().map(|login| ((*login).to_owned(), PASSWORD.into())).collect(),
        doors: Doors { telegram: door(bot), site: site.to_owned(), app: door(app), calls: door(calls) },
        people: of(table.language, &writers[..writers.len() / 2]),
        // No two starts get the same ids unless they are ten years apart.
        run: clock.now().as_second().unsigned_abs() % 300_000_000 * 10 + number,
        close: true,
        began: clock.now(),
        sessions: Arc::default(),
    }
}

/// Who of the writers speaks a language, as those who play talks need them.
fn of(language: Language, writers: &[Writer]) -> Vec<Regular> {
    let speakers = writers.iter().filter(|writer| writer.language == language);
    speakers
        .map(|writer| Regular { name: writer.name.clone(), telegram: writer.telegram, phone: writer.phone.clone() })
        .collect()
}

/// The talks of a table, chats and calls in turn.
fn dialogues(table: &Table) -> Vec<Dialogue> {
    let mut files: Vec<_> = table.talks.iter().map(|text| text.lines().filter_map(|line| parse(line).ok())).collect();
    let mut mixed = Vec::new();
    loop {
        let before = mixed.len();
        mixed.extend(files.iter_mut().filter_map(Iterator::next));
        if mixed.len() == before {
            return mixed;
        }
    }
}

/// The first words of customers in all languages, for those who wait.
pub(super) fn openings() -> Vec<(Language, Vec<String>)> {
    let talks = TABLES.iter().flat_map(|table| dialogues(table).into_iter().map(move |talk| (table.language, talk)));
    talks
        .map(|(language, talk)| {
            let words = talk.turns.into_iter().skip_while(|turn| !turn.by_customer).take_while(|turn| turn.by_customer);
            (language, words.map(|turn| turn.text).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_talks_and_no_seat_is_taken_twice() {
        let mut seats: Vec<&str> = TABLES.iter().flat_map(|table| table.logins).copied().collect();
        seats.sort_unstable();
        let before = seats.len();
        seats.dedup();
        assert_eq!(seats.len(), before);
        for table in &TABLES {
            assert!(dialogues(table).len() >= 20, "{:?}", table.language);
        }
        assert!(openings().iter().all(|(_, words)| !words.is_empty()));
    }
}
