use axum::Json;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use models::reading::Scored;
use models::taxonomy::Topic;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Asked, bounded, refused};
use crate::server::ApiError;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Inputs {
    One(String),
    Many(Vec<String>),
}

impl Inputs {
    fn into_texts(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Ask {
    inputs: Inputs,
}

/// `POST /embed`: the sentence vector of each text, of length one.
pub(super) async fn embed(Asked(asked): Asked, body: Bytes) -> Result<Json<Vec<Vec<f32>>>, ApiError> {
    let texts = parsed::<Ask>(&body, "inputs")?.inputs.into_texts();
    bounded(&texts)?;
    Ok(Json(asked.sentences.vectors(&texts).await.map_err(refused)?.0))
}

/// A text to predict: alone, or in an array of its own, as text-embeddings-inference takes a batch.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Predicted {
    One(String),
    Many(Vec<Lone>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Lone {
    Bare(String),
    Wrapped([String; 1]),
}

#[derive(Debug, Deserialize)]
struct AskPredicted {
    inputs: Predicted,
}

#[derive(Debug, Serialize)]
struct Prediction {
    label: Topic,
    score: f32,
}

/// `POST /predict`: topics with their scores, best first; of one text one list, of an array one list each.
pub(super) async fn predict(Asked(asked): Asked, body: Bytes) -> Result<Response, ApiError> {
    let of = |topics: Vec<Scored<Topic>>| -> Vec<Prediction> {
        topics.into_iter().map(|topic| Prediction { label: topic.value, score: topic.score }).collect()
    };
    match parsed::<AskPredicted>(&body, "inputs")?.inputs {
        Predicted::One(text) => {
            let mut all = asked.reader.topics(vec![text]).await.map_err(refused)?;
            Ok(Json(of(all.pop().unwrap_or_default())).into_response())
        }
        Predicted::Many(texts) => {
            bounded(&texts)?;
            let bare = |text: Lone| match text {
                Lone::Bare(text) | Lone::Wrapped([text]) => text,
            };
            let all = asked.reader.for_bulk().topics(texts.into_iter().map(bare).collect()).await.map_err(refused)?;
            Ok(Json(all.into_iter().map(of).collect::<Vec<_>>()).into_response())
        }
    }
}

#[derive(Debug, Deserialize)]
struct AskEmbeddings {
    input: Inputs,
}

#[derive(Debug, Serialize)]
pub(super) struct Embeddings {
    object: &'static str,
    data: Vec<Embedding>,
    model: String,
    usage: Usage,
}

#[derive(Debug, Serialize)]
struct Embedding {
    object: &'static str,
    index: usize,
    embedding: Vec<f32>,
}

#[derive(Debug, Serialize)]
struct Usage {
    prompt_tokens: usize,
    total_tokens: usize,
}

/// `POST /v1/embeddings`: the same vectors in OpenAI's shape.
pub(super) async fn embeddings(Asked(asked): Asked, body: Bytes) -> Result<Json<Embeddings>, ApiError> {
    let texts = parsed::<AskEmbeddings>(&body, "input")?.input.into_texts();
    bounded(&texts)?;
    let (vectors, tokens) = asked.sentences.vectors(&texts).await.map_err(refused)?;
    let embedding = |(index, embedding)| Embedding { object: "embedding", index, embedding };
    Ok(Json(Embeddings {
        object: "list",
        data: vectors.into_iter().enumerate().map(embedding).collect(),
        model: asked.sentences.model().id.clone(),
        usage: Usage { prompt_tokens: tokens, total_tokens: tokens },
    }))
}

/// The body is believed to be JSON whatever its type says, as the tools that ask for these addresses expect.
fn parsed<T: DeserializeOwned>(body: &Bytes, field: &str) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|_| ApiError::bad_request(format!("send JSON with a text or an array of texts in `{field}`")))
}
