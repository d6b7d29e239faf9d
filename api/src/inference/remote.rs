//! What `models::remote` asks: a worker or a desk without a model of its own.

use axum::Json;
use models::reading::{ModelId, Phrase, Reading, TalkReading};
use models::remote::{ExplainAsk, ReadAsk, TalkAsk};

use super::{Asked, bounded, refused};
use crate::server::ApiError;

/// Turns of a talk that are read together.
const TURNS: usize = 20_000;

/// `GET /v1/model`: which model reads.
pub(super) async fn model(Asked(asked): Asked) -> Json<ModelId> {
    Json(asked.reader.model().clone())
}

/// `POST /v1/read`: the whole reading of each text, in their order.
pub(super) async fn read(
    Asked(asked): Asked,
    Json(ask): Json<ReadAsk<'static>>,
) -> Result<Json<Vec<Reading>>, ApiError> {
    bounded(&ask.texts)?;
    let reader = if ask.bulk { asked.reader.for_bulk() } else { asked.reader };
    let readings = match ask.again {
        true => reader.read_again(&ask.texts).await,
        false => reader.read(ask.texts.into_owned()).await,
    };
    Ok(Json(readings.map_err(refused)?))
}

/// `POST /v1/talk`: the reading of a whole talk; null for one without turns.
pub(super) async fn talk(
    Asked(asked): Asked,
    Json(ask): Json<TalkAsk<'static>>,
) -> Result<Json<Option<TalkReading>>, ApiError> {
    if ask.turns.len() > TURNS {
        return Err(ApiError::bad_request(format!("send at most {TURNS} turns")));
    }
    let reader = if ask.bulk { asked.reader.for_bulk() } else { asked.reader };
    Ok(Json(reader.read_talk(&ask.turns).await.map_err(refused)?))
}

/// `POST /v1/explain`: the phrases that decided what was said of a text.
pub(super) async fn explain(Asked(asked): Asked, Json(ask): Json<ExplainAsk>) -> Result<Json<Vec<Phrase>>, ApiError> {
    Ok(Json(asked.reader.explain(&ask.text, ask.said).await.map_err(refused)?))
}
