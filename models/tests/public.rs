//! The shipped models on sentences that others wrote (`OKNO_PUBLIC_DATA`): parallel in our four languages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use models::reading::{MenuWords, Precision, Reader};
use models::sentences::Sentences;
use models::taxonomy::Language;

const FILES: [(Language, &str); 4] =
    [(Language::Ru, "rus_Cyrl"), (Language::Kk, "kaz_Cyrl"), (Language::Uz, "uzn_Latn"), (Language::En, "eng_Latn")];

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights").join(name)
}

/// The test sentences of each language by their number; none where the data is not there, which is said.
#[allow(clippy::print_stderr, reason = "a test that was left out says so")]
fn sentences() -> Option<Vec<(Language, BTreeMap<String, String>)>> {
    let Some(data) = std::env::var_os("OKNO_PUBLIC_DATA").map(|data| Path::new(&data).join("sib200")) else {
        eprintln!("left out: OKNO_PUBLIC_DATA names no folder");
        return None;
    };
    let read = |file: &str| {
        let text = std::fs::read_to_string(data.join(format!("{file}.test.tsv"))).expect("the sentences are there");
        let row = |line: &str| {
            let mut cells = line.split('\t');
            Some((cells.next()?.to_owned(), cells.nth(1)?.to_owned()))
        };
        text.lines().skip(1).filter_map(row).collect()
    };
    Some(FILES.iter().map(|(language, file)| (*language, read(file))).collect())
}

#[tokio::test]
async fn the_language_of_plain_sentences_is_told() {
    let Some(all) = sentences() else { return };
    let reader =
        Reader::load(&folder("reading-2"), MenuWords::default(), 2, Precision::Auto).expect("the shipped model loads");
    for (language, sentences) in all {
        let readings = reader.read(sentences.values().cloned().collect()).await.expect("they are read");
        let right = readings.iter().filter(|reading| reading.language.value == language).count();
        assert!(right * 100 >= readings.len() * 99, "{language}: {right} of {}", readings.len());
    }
}

#[tokio::test]
async fn parallel_sentences_find_each_other() {
    let Some(all) = sentences() else { return };
    let model = Sentences::load(&folder("sentence-1"), 2, Precision::Auto).expect("the shipped model loads");
    let ids: Vec<&String> = all[0].1.keys().filter(|id| all.iter().all(|(_, texts)| texts.contains_key(*id))).collect();
    let mut vectors = Vec::new();
    for (_, texts) in &all {
        let texts: Vec<String> = ids.iter().map(|id| texts[*id].clone()).collect();
        vectors.push(model.vectors(&texts).await.expect("they are encoded").0);
    }
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let (mut found, mut asked) = (0, 0);
    for (from, to) in (0..4).flat_map(|from| (0..4).map(move |to| (from, to))).filter(|(from, to)| from != to) {
        for (at, vector) in vectors[from].iter().enumerate() {
            let nearest =
                (0..ids.len()).max_by(|a, b| dot(vector, &vectors[to][*a]).total_cmp(&dot(vector, &vectors[to][*b])));
            found += usize::from(nearest == Some(at));
            asked += 1;
        }
    }
    // The base, in whose weights nothing was changed, finds 98.9 in 100.
    assert!(found * 1000 >= asked * 985, "{found} of {asked}");
}
