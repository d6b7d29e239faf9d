//! `GET /api/live`: the WebSocket of an operator's page.

use std::time::Duration;

use axum::extract::State as Shared;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use pipelines::workforce::{Actor, Token, actor_of};

use super::command::{Command, LONGEST};
use super::connection::Connection;
use super::frame::{Frame, FrameBody, LiveError};
use crate::server::signed_in::{self, SignedIn};
use crate::server::{ApiError, State, origin};

/// The session has ended: the page must not come back by itself.
const SESSION_ENDED: u16 = 4401;
/// This side cannot go on; the page comes back and asks for what it missed (RFC 6455, registry of close codes).
const TRY_AGAIN: u16 = 1013;
/// The server is going away (RFC 6455, section 7.4.1).
const GOING_AWAY: u16 = 1001;

/// Between two pings, and between two looks at the session.
const BEAT: Duration = Duration::from_secs(20);
/// A page that says nothing for so long is gone: half-open connections end here.
const SILENCE: Duration = Duration::from_secs(65);

/// Opens the stream of frames; the browser must be signed in and on our own page.
pub async fn live(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    SignedIn(actor): SignedIn,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    origin::same_origin(&headers)?;
    let token = signed_in::token(&headers).ok_or_else(ApiError::unauthenticated)?;
    let upgrade = upgrade.max_message_size(LONGEST).max_frame_size(LONGEST);
    Ok(upgrade.on_upgrade(move |socket| serve(socket, state, actor, token)))
}

async fn serve(mut socket: WebSocket, state: State, actor: Actor, token: Token) {
    let id = state.store.clock().id();
    let mut pushes = state.hub.listen(id, true);
    let mut connection = Connection::new(id, actor, state.hub.clone());
    let code = talk(&mut socket, &state, &mut connection, &mut pushes, &token).await;
    connection.bye().await;
    if let Some(code) = code {
        let close = CloseFrame { code, reason: "".into() };
        drop(socket.send(Message::Close(Some(close))).await);
    }
}

/// Talks until one side ends; gives the code to close with, none where the other side is gone.
async fn talk(
    socket: &mut WebSocket,
    state: &State,
    connection: &mut Connection,
    pushes: &mut tokio::sync::mpsc::Receiver<super::Push>,
    token: &Token,
) -> Option<u16> {
    let greeting = connection.greet().await;
    if let Some(code) = send(socket, greeting).await {
        return code.into();
    }
    let mut beat = tokio::time::interval(BEAT);
    let mut heard = tokio::time::Instant::now();
    loop {
        let frames = tokio::select! {
            () = state.stopping.cancelled() => return Some(GOING_AWAY),
            push = pushes.recv() => match push {
                Some(push) => connection.pass_on(push).await,
                None => return Some(TRY_AGAIN),
            },
            said = socket.recv() => {
                heard = tokio::time::Instant::now();
                match said {
                    Some(Ok(Message::Text(text))) => match serde_json::from_str::<Command>(&text) {
                        Ok(command) => connection.obey(command).await,
                        Err(_) => Ok(vec![misunderstood()]),
                    },
                    Some(Ok(Message::Binary(_))) => Ok(vec![misunderstood()]),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Vec::new()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                }
            },
            _ = beat.tick() => {
                match actor_of(&state.store, token).await {
                    Ok(Some(_)) | Err(_) => {}
                    Ok(None) => return Some(SESSION_ENDED),
                }
                if heard.elapsed() > SILENCE || socket.send(Message::Ping(Default::default())).await.is_err() {
                    return None;
                }
                Ok(connection.beat().await)
            },
        };
        if let Some(code) = send(socket, frames).await {
            return code.into();
        }
    }
}

/// Sends the frames; what cannot be read from the database ends the connection, and the page asks again.
async fn send(socket: &mut WebSocket, frames: Result<Vec<Frame>, ApiError>) -> Option<u16> {
    let Ok(frames) = frames else { return Some(TRY_AGAIN) };
    for frame in frames {
        let Ok(text) = serde_json::to_string(&frame) else { return Some(TRY_AGAIN) };
        if socket.send(Message::Text(text.into())).await.is_err() {
            return Some(TRY_AGAIN);
        }
    }
    None
}

fn misunderstood() -> Frame {
    let body =
        LiveError { code: "bad_request", message: "this command is not known; reload the page", contact_id: None };
    Frame { stream: "me".to_owned(), seq: None, v: Frame::VERSION, body: FrameBody::Error(body) }
}
