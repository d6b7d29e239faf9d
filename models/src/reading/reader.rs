//! The loaded model: texts in, readings out.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use inference::{
    Background, Batcher, Encoded, Encoder, EncoderConfig, InferenceError, Limits, Precision, Rank, Tokeniser, Tokens,
};

use crate::entities::{self, MenuWords};
use crate::manifest::{self, LoadError};
use crate::reading::grams::Grams;
use crate::reading::judge::Judge;
use crate::reading::memory::{self, Memory, Turn};
use crate::reading::talk::{TalkModel, TalkReading, TalkScores, TurnVector};
use crate::reading::{ModelId, Phrase, Reading, Said, Scored, explain};
use crate::taxonomy::{Speaker, Topic};

/// Texts that go through tokeniser and encoder together when a call brings many.
const TEXTS_AT_ONCE: usize = 32;

/// Why a text was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Too many calls wait; nothing was lost, the same call can be made again.
    #[error("the reading model is busy; ask again in a moment")]
    Busy,
    #[error(transparent)]
    Inference(InferenceError),
    /// Nothing was lost, the same call can be made again.
    #[error("no inference server reads just now ({0}); see that OKNO_INFERENCE_URL points at one that runs")]
    Remote(String),
}

impl From<InferenceError> for ReadError {
    fn from(error: InferenceError) -> Self {
        match error {
            InferenceError::Busy => ReadError::Busy,
            other => ReadError::Inference(other),
        }
    }
}

/// A reading model in memory. Clones share it.
#[derive(Debug, Clone)]
pub struct Reader {
    loaded: Arc<Loaded>,
    rank: Rank,
}

#[derive(Debug)]
struct Loaded {
    model: ModelId,
    tokeniser: Tokeniser,
    batcher: Batcher,
    background: Background,
    grams: Grams,
    judge: Judge,
    talk: TalkModel,
    memory: Memory,
    menu: MenuWords,
}

impl Reader {
    /// Loads the model in `folder` after checking each of its files against the manifest.
    ///
    /// `menu` holds the dishes and ingredients to be found in texts; `threads` is how many threads the encoder may compute
    /// on, and `precision` how exactly.
    pub fn load(folder: &Path, menu: MenuWords, threads: usize, precision: Precision) -> Result<Reader, LoadError> {
        let manifest = manifest::verify(folder)?;
        let config_path = folder.join("config.json");
        let config = EncoderConfig::read(&config_path)?;
        let tokeniser = Tokeniser::read(&folder.join("tokenizer.json"), &config)?;
        let model = manifest.model();
        let meaning = manifest.reading.ok_or_else(|| LoadError::Manifest {
            path: folder.join(manifest::FILE),
            reason: "it is of no reading model".to_owned(),
        })?;
        let talk = TalkModel::load(&folder.join("talk.safetensors"), config.hidden_size, &meaning.labels);
        let judge = Judge::new(meaning, &config, &config_path)?;
        let talk = talk?;
        let grams = Grams::load(folder, judge.heads_of_grams())?;
        let encoder = Encoder::load(&folder.join("model.safetensors"), &config, threads, precision)?;
        let choice = encoder.choice();
        let batcher = Batcher::start(Box::new(move |batch| encoder.encode(batch)), Limits::default())?;
        let background = Background::start()?;
        tracing::info!(model = %model.id, version = %model.version, threads, ?choice, "the reading model is loaded");
        let memory = Memory::default();
        let loaded = Loaded { model, tokeniser, batcher, background, grams, judge, talk, memory, menu };
        Ok(Reader { loaded: Arc::new(loaded), rank: Rank::Live })
    }

    /// The same model for calls that nobody waits for: they let live ones go first.
    pub fn for_bulk(&self) -> Reader {
        Reader { loaded: self.loaded.clone(), rank: Rank::Bulk }
    }

    pub(crate) fn serves_live(&self) -> bool {
        self.loaded.batcher.serves_live()
    }

    /// Whether it read something that a person waits for in the last `time`.
    pub fn served_live_within(&self, time: Duration) -> bool {
        self.loaded.batcher.served_live_within(time)
    }

    /// Which model this is: to be stored with whatever it says.
    pub fn model(&self) -> &ModelId {
        &self.loaded.model
    }

    /// Reads texts, answers in their order. Calls in flight merge into one batch.
    ///
    /// Any text has a reading. One with nothing to read in it (empty, white space, zero-width
    /// characters) is abstained on, with no topic. Of a text over 8,192 characters the beginning is read.
    pub async fn read(&self, texts: Vec<String>) -> Result<Vec<Reading>, ReadError> {
        Ok(self.fresh(&texts).await?.iter().map(|turn| turn.reading.clone()).collect())
    }

    /// Reads texts as [`Reader::read`] does, but takes those that were read lately from memory.
    pub async fn read_again(&self, texts: &[String]) -> Result<Vec<Reading>, ReadError> {
        let known = self.known(texts.iter().map(String::as_str)).await?;
        Ok(known.iter().map(|turn| turn.reading.clone()).collect())
    }

    /// Reads a talk from its turns in order; none where it has no turn. A turn that was read lately costs nothing.
    pub async fn read_talk(&self, turns: &[(Speaker, String)]) -> Result<Option<TalkReading>, ReadError> {
        Ok(self.talk_scores(turns).await?.map(|scores| self.loaded.judge.talk(&scores)))
    }

    async fn talk_scores(&self, turns: &[(Speaker, String)]) -> Result<Option<TalkScores>, ReadError> {
        let known = self.known(turns.iter().map(|(_, text)| text.as_str())).await?;
        let speakers: Vec<Speaker> = turns.iter().map(|(speaker, _)| *speaker).collect();
        let loaded = self.loaded.clone();
        let judge = move || {
            let vectors = known.iter().map(|turn| &turn.vector);
            loaded.talk.judge(&speakers.into_iter().zip(vectors).collect::<Vec<(Speaker, &TurnVector)>>())
        };
        self.aside(judge).await
    }

    /// Does what takes many milliseconds where no task waits behind it; what is not live, on the one thread that lets every
    /// other go first.
    pub(super) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ReadError> {
        match self.rank {
            Rank::Live => off_tasks(work).await,
            Rank::Bulk => Ok(self.loaded.background.run(work).await?),
        }
    }

    /// What is known of each text: from memory what was read lately, the others are read now. Whoever reads a talk reads
    /// its turns whole, so that the summary at its end finds them.
    async fn known(&self, texts: impl Iterator<Item = &str>) -> Result<Vec<Arc<Turn>>, ReadError> {
        let (mut turns, mut unknown, mut unread) = (Vec::new(), Vec::new(), Vec::new());
        for (at, text) in texts.enumerate() {
            turns.push(self.loaded.memory.get(&memory::key(text)));
            if turns[at].is_none() {
                unknown.push(at);
                unread.push(text.to_owned());
            }
        }
        for (at, turn) in unknown.into_iter().zip(self.fresh(&unread).await?) {
            turns[at] = Some(turn);
        }
        Ok(turns.into_iter().flatten().collect())
    }

    async fn fresh(&self, texts: &[String]) -> Result<Vec<Arc<Turn>>, ReadError> {
        let mut turns = Vec::with_capacity(texts.len());
        for part in texts.chunks(TEXTS_AT_ONCE) {
            let tokens = self.tokens(part)?;
            let places: Vec<_> = tokens.iter().map(|tokens| tokens.places().to_vec()).collect();
            let encoded = self.joined(part, tokens).await?;
            for ((text, places), mut encoded) in part.iter().zip(places).zip(encoded) {
                self.loaded.judge.weigh_script(text, &mut encoded);
                let reading = self.judge(text, &places, &encoded);
                let turn = Arc::new(Turn { vector: self.loaded.judge.turn(encoded), reading });
                self.loaded.memory.put(memory::key(text), turn.clone());
                turns.push(turn);
            }
        }
        Ok(turns)
    }

    /// Which phrases of a text decided what was said of it, in the order of the text; costs a reading for each.
    pub async fn explain(&self, text: &str, said: Said) -> Result<Vec<Phrase>, ReadError> {
        let mut whole = self.encode(&[text.to_owned()]).await?;
        let Some(whole) = whole.pop() else { return Ok(Vec::new()) };
        let sure = self.loaded.judge.likelihood(said, &whole);
        let cuts = explain::cuts(text);
        let rests: Vec<String> = cuts.iter().map(|cut| cut.rest.clone()).collect();
        let phrase = |(cut, encoded): (explain::Cut, Encoded)| {
            let without = self.loaded.judge.likelihood(said, &encoded);
            let [topic, sentiment, urgency] = std::array::from_fn(|at| sure[at] - without[at]);
            Phrase { text: cut.text, start: cut.start, end: cut.end, topic, sentiment, urgency }
        };
        Ok(cuts.into_iter().zip(self.encode(&rests).await?).map(phrase).collect())
    }

    /// All topics of each text with their probabilities, best first.
    pub async fn topics(&self, texts: Vec<String>) -> Result<Vec<Vec<Scored<Topic>>>, ReadError> {
        let mut topics = Vec::with_capacity(texts.len());
        for part in texts.chunks(TEXTS_AT_ONCE) {
            topics.extend(self.encode(part).await?.iter().map(|encoded| self.loaded.judge.topics(encoded)));
        }
        Ok(topics)
    }

    /// What encoder and grams say of texts, before any label: for tests and evaluation.
    pub async fn encode(&self, texts: &[String]) -> Result<Vec<Encoded>, ReadError> {
        self.joined(texts, self.tokens(texts)?).await
    }

    async fn joined(&self, texts: &[String], tokens: Vec<Tokens>) -> Result<Vec<Encoded>, ReadError> {
        let mut encoded = self.loaded.batcher.encode(tokens, self.rank).await?;
        for (text, encoded) in texts.iter().zip(&mut encoded) {
            self.loaded.grams.add(text, &mut encoded.logits);
        }
        Ok(encoded)
    }

    fn tokens(&self, texts: &[String]) -> Result<Vec<Tokens>, ReadError> {
        Ok(texts.iter().map(|text| self.loaded.tokeniser.tokens(text)).collect::<Result<_, _>>()?)
    }

    fn judge(&self, text: &str, places: &[Range<usize>], encoded: &Encoded) -> Reading {
        if !text.chars().any(is_visible) {
            return self.loaded.judge.nothing();
        }
        let tagged = self.loaded.judge.spans(text, places, encoded);
        self.loaded.judge.read(encoded, |language| entities::find(text, language, &self.loaded.menu, tagged))
    }
}

/// Does the work on a thread that no task waits behind.
pub(super) async fn off_tasks<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ReadError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| InferenceError::panicked())?)
}

/// False for white space, controls and the characters that take no room.
fn is_visible(c: char) -> bool {
    let no_room = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}');
    !(c.is_whitespace() || c.is_control() || no_room)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A talk and the logits that PyTorch gives for it.
    #[derive(serde::Deserialize)]
    struct Case {
        turns: Vec<(Speaker, String)>,
        topics: Vec<f32>,
        sentiment: Vec<f32>,
        outcome: Vec<f32>,
        roles: Vec<Vec<f32>>,
        acts: Vec<Vec<f32>>,
        answers: Vec<Vec<f32>>,
        evidence: Vec<Vec<f32>>,
    }

    #[tokio::test]
    async fn numbers_of_talks_equal_those_of_pytorch() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("weights/reading-2");
        let reader = Reader::load(&folder, MenuWords::default(), 2, Precision::F32).expect("the shipped model loads");
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/fixtures/reading-2-talks.json"))
            .expect("the fixture parses");
        assert!(cases.len() >= 8, "{} talks are too few", cases.len());
        for case in &cases {
            let ours = reader.talk_scores(&case.turns).await.expect("it is read").expect("there are turns");
            let flat = |of: fn(&crate::reading::talk::TurnScores) -> Vec<f32>| ours.turns.iter().flat_map(of).collect();
            let pairs: [(Vec<f32>, Vec<f32>); 7] = [
                (ours.topics.clone(), case.topics.clone()),
                (ours.sentiment.clone(), case.sentiment.clone()),
                (ours.outcome.clone(), case.outcome.clone()),
                (flat(|turn| turn.roles.clone()), case.roles.concat()),
                (flat(|turn| turn.acts.clone()), case.acts.concat()),
                (flat(|turn| turn.answers.concat()), case.answers.concat()),
                (flat(|turn| turn.evidence.to_vec()), case.evidence.concat()),
            ];
            for (head, (ours, theirs)) in pairs.iter().enumerate() {
                assert_eq!(ours.len(), theirs.len(), "head {head}");
                let scale = theirs.iter().fold(1.0_f32, |most, logit| most.max(logit.abs()));
                for (our, their) in ours.iter().zip(theirs) {
                    assert!((our - their).abs() <= 1e-3 * scale, "{our} for {their} on head {head}");
                }
            }
        }
    }
}
