use axum::Json;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use models::reading::{ReadError, ReadingModel};
use models::summary::{self, Account, Writer};
use models::taxonomy::Speaker;
use serde::{Deserialize, Deserializer, Serialize};

use super::stream::{self, LINES, Line};
use super::{Asked, refused};
use crate::server::ApiError;

/// The largest body, and the longest line: 10,000 turns of 4,000 characters fit however they are escaped.
pub(crate) const LONGEST: usize = 256 * 1024 * 1024;
/// A talk of more turns is no contact.
const TURNS: usize = 10_000;
/// Talks of one array; of lines there may be any number.
const TALKS: usize = 256;

/// A contact as it is to be summarised; what else a line holds does not matter.
#[derive(Debug, Deserialize)]
pub(crate) struct Talk {
    id: String,
    #[serde(deserialize_with = "turns")]
    turns: Vec<(Speaker, String)>,
}

fn turns<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(Speaker, String)>, D::Error> {
    #[derive(Deserialize)]
    struct Turn {
        speaker: Speaker,
        text: String,
    }
    let turns = Vec::<Turn>::deserialize(from)?;
    Ok(turns.into_iter().map(|turn| (turn.speaker, turn.text)).collect())
}

/// A summarised contact, in the shape that the command line and the HTTP interface promise.
#[derive(Debug, Serialize)]
pub(crate) struct SummarisedLine<'a> {
    /// As it came in.
    id: &'a str,
    #[serde(flatten)]
    account: Account,
}

/// Why a text is no contact; names no words of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTalk {
    #[error(
        "no JSON object with a text `id` and a list `turns`, each with a `speaker` (customer or operator) and a `text` \
         (column {0})"
    )]
    Shape(usize),
    #[error("more than 10,000 turns; send a part of them")]
    TooLong,
}

impl Talk {
    pub(crate) fn read(line: &[u8]) -> Result<Self, NoTalk> {
        let talk: Self = serde_json::from_slice(line).map_err(|error| NoTalk::Shape(error.column()))?;
        talk.bounded()
    }

    fn bounded(self) -> Result<Self, NoTalk> {
        if self.turns.len() > TURNS { Err(NoTalk::TooLong) } else { Ok(self) }
    }

    pub(crate) async fn summarised(
        &self,
        reader: &ReadingModel,
        writer: Option<&Writer>,
    ) -> Result<SummarisedLine<'_>, ReadError> {
        Ok(SummarisedLine { id: &self.id, account: summary::summarise(reader, writer, &self.turns).await? })
    }
}

/// `POST /v1/summarise`: one contact, an array of contacts, or any number of them, one a line (`application/x-ndjson`);
/// answered likewise, in the order asked. Live readings go first.
pub(super) async fn summarise(Asked(asked): Asked, headers: HeaderMap, body: Body) -> Result<Response, ApiError> {
    let (reader, writer) = (ReadingModel::Here(asked.reader.for_bulk()), asked.writer);
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with(LINES) {
        return Ok(stream::answered(body, LONGEST, 1, move |lines| answer(reader.clone(), writer.clone(), lines)));
    }
    let body = axum::body::to_bytes(body, LONGEST).await.map_err(|_| ApiError::too_large())?;
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
        let talk = Talk::read(&body).map_err(|error| ApiError::bad_request(error.to_string()))?;
        return Ok(Json(talk.summarised(&reader, writer.as_ref()).await.map_err(refused)?).into_response());
    }
    let talks = talks(&body)?;
    let mut lines = Vec::with_capacity(talks.len());
    for talk in &talks {
        lines.push(talk.summarised(&reader, writer.as_ref()).await.map_err(refused)?);
    }
    Ok(Json(lines).into_response())
}

fn talks(body: &[u8]) -> Result<Vec<Talk>, ApiError> {
    let wrong = |error: NoTalk| ApiError::bad_request(error.to_string());
    let talks: Vec<Talk> = serde_json::from_slice(body).map_err(|error| wrong(NoTalk::Shape(error.column())))?;
    if !(1..=TALKS).contains(&talks.len()) {
        return Err(ApiError::bad_request(format!("send 1 to {TALKS} contacts at once, or any number one a line")));
    }
    talks.into_iter().map(|talk| talk.bounded().map_err(wrong)).collect()
}

/// Answers lines; one that is no contact is answered with what is wrong with it.
async fn answer(reader: ReadingModel, writer: Option<Writer>, lines: Vec<Line>) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, line) in lines {
        let talk = line.and_then(|line| Talk::read(&line).map_err(|error| ApiError::bad_request(error.to_string())));
        match talk {
            Ok(talk) => {
                let ask = || async { talk.summarised(&reader, writer.as_ref()).await.map_err(refused) };
                stream::write(&mut out, number, stream::patiently(ask).await);
            }
            Err(error) => stream::write(&mut out, number, Err::<(), _>(error)),
        }
    }
    out
}
