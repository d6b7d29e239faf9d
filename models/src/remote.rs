//! Models in another process: role `inference`, asked over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, InvalidHeaderValue};
use reqwest::{Client, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::reading::{ModelId, Phrase, ReadError, Reading, Said, TalkReading};
use crate::sentences::Vectors;
use crate::taxonomy::Speaker;

const CONNECT: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(10);
/// Between two looks for a server when none answers at the start.
const AGAIN: Duration = Duration::from_secs(2);
/// Texts of one request.
const TEXTS_AT_ONCE: usize = 64;

/// The models behind one or more addresses. Clones share them.
#[derive(Debug, Clone)]
pub struct Remote {
    inner: Arc<Inner>,
    bulk: bool,
}

#[derive(Debug)]
struct Inner {
    http: Client,
    addresses: Vec<String>,
    /// Which address is asked next.
    next: AtomicUsize,
    model: ModelId,
}

/// Why no remote model can be asked.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    #[error("OKNO_INFERENCE_URL names no address; give one or more like http://host:8080, with commas between")]
    NoAddress,
    #[error("OKNO_INFERENCE_TOKEN cannot stand in a header; use visible ASCII characters only")]
    Token(#[from] InvalidHeaderValue),
    #[error("there is no HTTP client ({0}); see the system's certificates")]
    Client(#[from] reqwest::Error),
}

/// What `POST /v1/read` is asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadAsk<'a> {
    pub texts: std::borrow::Cow<'a, [String]>,
    /// Nobody waits for it: live calls may go first.
    #[serde(default)]
    pub bulk: bool,
    /// Texts that were read lately may be answered from memory.
    #[serde(default)]
    pub again: bool,
}

/// What `POST /v1/talk` is asked: the turns in order.
#[derive(Debug, Serialize, Deserialize)]
pub struct TalkAsk<'a> {
    pub turns: std::borrow::Cow<'a, [(Speaker, String)]>,
    /// Nobody waits for it: live calls may go first.
    #[serde(default)]
    pub bulk: bool,
}

/// What `POST /v1/explain` is asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExplainAsk {
    pub text: String,
    pub said: Said,
}

/// What `POST /v1/embeddings` is asked.
#[derive(Serialize)]
struct EmbeddingsAsk<'a> {
    input: &'a [String],
}

/// What of its answer is used: an embedding a text, in their order.
#[derive(Deserialize)]
struct Embeddings {
    model: String,
    data: Vec<Embedding>,
}

#[derive(Deserialize)]
struct Embedding {
    embedding: Vec<f32>,
}

impl Remote {
    /// Waits until one of the addresses (with commas between) answers which model it has.
    pub async fn connect(addresses: &str, token: Option<&str>) -> Result<Remote, RemoteError> {
        let addresses: Vec<String> = addresses
            .split(',')
            .map(|address| address.trim().trim_end_matches('/').to_owned())
            .filter(|address| !address.is_empty())
            .collect();
        if addresses.is_empty() {
            return Err(RemoteError::NoAddress);
        }
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let http = Client::builder().connect_timeout(CONNECT).timeout(ANSWER).default_headers(headers).build()?;
        let model = loop {
            match first_model(&http, &addresses).await {
                Some(model) => break model,
                None => {
                    tracing::warn!(addresses = addresses.len(), "no inference server answers yet; messages wait");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        };
        let inner = Inner { http, addresses, next: AtomicUsize::new(0), model };
        Ok(Remote { inner: Arc::new(inner), bulk: false })
    }

    pub(crate) fn for_bulk(&self) -> Remote {
        Remote { inner: self.inner.clone(), bulk: true }
    }

    pub(crate) fn model(&self) -> &ModelId {
        &self.inner.model
    }

    pub(crate) async fn read(&self, texts: Vec<String>) -> Result<Vec<Reading>, ReadError> {
        self.readings(&texts, false).await
    }

    pub(crate) async fn read_again(&self, texts: &[String]) -> Result<Vec<Reading>, ReadError> {
        self.readings(texts, true).await
    }

    async fn readings(&self, texts: &[String], again: bool) -> Result<Vec<Reading>, ReadError> {
        let mut readings = Vec::with_capacity(texts.len());
        for part in texts.chunks(TEXTS_AT_ONCE) {
            let ask = ReadAsk { texts: part.into(), bulk: self.bulk, again };
            let answers: Vec<Reading> = self.ask("/v1/read", &ask).await?;
            if answers.len() != part.len() {
                return Err(ReadError::Remote(format!("{} answers to {} texts", answers.len(), part.len())));
            }
            readings.extend(answers);
        }
        Ok(readings)
    }

    pub(crate) async fn read_talk(&self, turns: &[(Speaker, String)]) -> Result<Option<TalkReading>, ReadError> {
        self.ask("/v1/talk", &TalkAsk { turns: turns.into(), bulk: self.bulk }).await
    }

    pub(crate) async fn explain(&self, text: &str, said: Said) -> Result<Vec<Phrase>, ReadError> {
        self.ask("/v1/explain", &ExplainAsk { text: text.to_owned(), said }).await
    }

    pub(crate) async fn vectors(&self, texts: &[String]) -> Result<Vectors, ReadError> {
        let mut all: Option<Vectors> = None;
        for part in texts.chunks(TEXTS_AT_ONCE) {
            let Embeddings { model, data } = self.ask("/v1/embeddings", &EmbeddingsAsk { input: part }).await?;
            if data.len() != part.len() {
                return Err(ReadError::Remote(format!("{} vectors to {} texts", data.len(), part.len())));
            }
            let all = all.get_or_insert_with(|| Vectors { model: model.clone(), of: Vec::with_capacity(texts.len()) });
            if all.model != model {
                return Err(ReadError::Remote("its addresses have different models of sentences".to_owned()));
            }
            all.of.extend(data.into_iter().map(|embedding| embedding.embedding));
        }
        Ok(all.unwrap_or_default())
    }

    /// Asks one address and, where that gives no answer, once another.
    async fn ask<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ReadError> {
        let Inner { http, addresses, next, .. } = &*self.inner;
        let start = next.fetch_add(1, Ordering::Relaxed);
        let mut last = ReadError::Busy;
        for attempt in 0..addresses.len().min(2) {
            let address = &addresses[(start + attempt) % addresses.len()];
            last = match http.post(format!("{address}{path}")).json(body).send().await {
                Ok(answer) if answer.status().is_success() => match answer.json().await {
                    Ok(value) => return Ok(value),
                    Err(error) => ReadError::Remote(plain(&error)),
                },
                Ok(answer) if answer.status() == StatusCode::TOO_MANY_REQUESTS => ReadError::Busy,
                Ok(answer) => ReadError::Remote(format!("it answers {}", answer.status())),
                Err(error) => ReadError::Remote(plain(&error)),
            };
        }
        Err(last)
    }
}

async fn first_model(http: &Client, addresses: &[String]) -> Option<ModelId> {
    for address in addresses {
        let Ok(answer) = http.get(format!("{address}/v1/model")).send().await else { continue };
        match answer.status() {
            status if status.is_success() => {
                if let Ok(model) = answer.json().await {
                    return Some(model);
                }
            }
            status => tracing::warn!(%status, "an inference server refuses to say its model"),
        }
    }
    None
}

/// What went wrong, without the address, which may hold a secret.
fn plain(error: &reqwest::Error) -> String {
    let what = match () {
        () if error.is_timeout() => "no answer in time",
        () if error.is_connect() => "no connection",
        () if error.is_decode() => "an answer of another shape",
        () => "the connection broke",
    };
    what.to_owned()
}
