//! The reading model wherever it runs.

use std::time::Duration;

use crate::reading::{ModelId, Phrase, ReadError, Reader, Reading, Said, TalkReading, reader};
use crate::remote::Remote;
use crate::taxonomy::Speaker;

/// A reading model in this process or behind an address; both answer the same. Clones share it.
#[derive(Debug, Clone)]
pub enum ReadingModel {
    Here(Reader),
    Elsewhere(Remote),
}

impl From<Reader> for ReadingModel {
    fn from(reader: Reader) -> Self {
        Self::Here(reader)
    }
}

impl ReadingModel {
    /// Which model this is: to be stored with whatever it says.
    pub fn model(&self) -> &ModelId {
        match self {
            Self::Here(reader) => reader.model(),
            Self::Elsewhere(remote) => remote.model(),
        }
    }

    /// The same model for calls that nobody waits for: they let live ones go first.
    pub fn for_bulk(&self) -> ReadingModel {
        match self {
            Self::Here(reader) => Self::Here(reader.for_bulk()),
            Self::Elsewhere(remote) => Self::Elsewhere(remote.for_bulk()),
        }
    }

    /// Whether it computes or is to compute in this process what a person waits for.
    pub(crate) fn serves_live(&self) -> bool {
        match self {
            Self::Here(reader) => reader.serves_live(),
            Self::Elsewhere(_) => false,
        }
    }

    /// Whether this process read something that a person waits for in the last `time`; of others it does not know.
    pub fn served_live_within(&self, time: Duration) -> bool {
        match self {
            Self::Here(reader) => reader.served_live_within(time),
            Self::Elsewhere(_) => false,
        }
    }

    /// Reads texts, answers in their order; see [`Reader::read`].
    pub async fn read(&self, texts: Vec<String>) -> Result<Vec<Reading>, ReadError> {
        match self {
            Self::Here(reader) => reader.read(texts).await,
            Self::Elsewhere(remote) => remote.read(texts).await,
        }
    }

    /// Reads texts, answers in their order; those that were read lately cost nothing.
    pub async fn read_again(&self, texts: &[String]) -> Result<Vec<Reading>, ReadError> {
        match self {
            Self::Here(reader) => reader.read_again(texts).await,
            Self::Elsewhere(remote) => remote.read_again(texts).await,
        }
    }

    /// Reads a talk from its turns in order; see [`Reader::read_talk`].
    pub async fn read_talk(&self, turns: &[(Speaker, String)]) -> Result<Option<TalkReading>, ReadError> {
        match self {
            Self::Here(reader) => reader.read_talk(turns).await,
            Self::Elsewhere(remote) => remote.read_talk(turns).await,
        }
    }

    /// Does what takes many milliseconds where no task waits behind it; see [`Reader::aside`].
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ReadError> {
        match self {
            Self::Here(reader) => reader.aside(work).await,
            Self::Elsewhere(_) => reader::off_tasks(work).await,
        }
    }

    /// Which phrases of a text decided; see [`Reader::explain`].
    pub async fn explain(&self, text: &str, said: Said) -> Result<Vec<Phrase>, ReadError> {
        match self {
            Self::Here(reader) => reader.explain(text, said).await,
            Self::Elsewhere(remote) => remote.explain(text, said).await,
        }
    }
}
