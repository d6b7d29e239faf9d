//! Our side of the Bot API. Tells apart what never left, what was refused and what broke off midway.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use frankenstein::methods::{GetFileParams, GetUpdatesParams, SendMessageParams};
use frankenstein::response::{ErrorResponse, MethodResponse};
use frankenstein::types::{AllowedUpdate, File, MessageId};
use futures::StreamExt;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};

/// Where bots live unless the account names another address.
pub const API: &str = "https://api.telegram.org";
/// What the Bot API lets bots download (getFile).
pub const FILE_LIMIT: u64 = 20 * 1024 * 1024;
/// An answer longer than this is not from the Bot API; 100 updates are far shorter.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;
const CALL: Duration = Duration::from_secs(20);
const DOWNLOAD: Duration = Duration::from_secs(120);

/// One bot at one address. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bot {
    http: reqwest::Client,
    api: String,
    token: SecretString,
}

impl Bot {
    /// `api`: scheme, host and port of the Bot API, without a path.
    pub fn new(http: reqwest::Client, api: &str, token: SecretString) -> Self {
        Self { http, api: api.trim_end_matches('/').to_owned(), token }
    }

    /// Sends one text of at most 4,096 UTF-16 units as it stands, without any markup; gives its id in the chat.
    pub async fn send(&self, chat_id: i64, text: &str) -> Result<i32, CallError> {
        let params = SendMessageParams::builder().chat_id(chat_id).text(text).build();
        let sent: MessageId = self.call("sendMessage", &params, CALL).await?;
        Ok(sent.message_id)
    }

    /// Waits up to `wait` for updates from `offset` on; they come unread, so that a strange one stops nobody else.
    pub async fn updates(&self, offset: Option<i64>, wait: Duration) -> Result<Vec<serde_json::Value>, CallError> {
        let mut params = GetUpdatesParams::builder()
            .limit(100)
            .timeout(u32::try_from(wait.as_secs()).unwrap_or(50))
            .allowed_updates(vec![AllowedUpdate::Message, AllowedUpdate::EditedMessage])
            .build();
        params.offset = offset;
        self.call("getUpdates", &params, wait + CALL).await
    }

    /// The bytes of a file, or the reason why there are none. The size is checked before and while they come.
    pub async fn download(&self, file_id: &str) -> Result<Bytes, DownloadError> {
        let file: File = self.call("getFile", &GetFileParams::builder().file_id(file_id).build(), CALL).await?;
        if file.file_size.is_some_and(|size| size > FILE_LIMIT) {
            return Err(DownloadError::TooLarge);
        }
        let path = file
            .file_path
            .filter(|path| !path.starts_with('/') && !path.contains(".."))
            .ok_or(DownloadError::NoPath)?;
        let url = format!("{}/file/bot{}/{path}", self.api, self.token.expose_secret());
        let answer = self.http.get(url).timeout(DOWNLOAD).send().await.map_err(CallError::from)?;
        if !answer.status().is_success() {
            return Err(CallError::Gateway(answer.status()).into());
        }
        let limit = usize::try_from(FILE_LIMIT).unwrap_or(usize::MAX);
        read(answer, limit).await
    }

    async fn call<P: Serialize, T: DeserializeOwned>(
        &self,
        method: &str,
        params: &P,
        limit: Duration,
    ) -> Result<T, CallError> {
        let url = format!("{}/bot{}/{method}", self.api, self.token.expose_secret());
        let answer = self.http.post(url).timeout(limit).json(params).send().await?;
        let status = answer.status();
        let body = match read(answer, ANSWER_LIMIT).await {
            Ok(body) => body,
            Err(DownloadError::Call(error)) => return Err(error),
            Err(_) => return Err(CallError::Broken("an endless answer")),
        };
        if status.is_success() {
            let answer: MethodResponse<T> =
                serde_json::from_slice(&body).map_err(|_| CallError::Broken("an unreadable answer"))?;
            return Ok(answer.result);
        }
        match serde_json::from_slice::<ErrorResponse>(&body) {
            Ok(error) => Err(CallError::Refused(Refusal::new(error))),
            Err(_) => Err(CallError::Gateway(status)),
        }
    }
}

/// A client for all bots of a process: short connects, no redirects, connections not kept long enough to be cut by surprise.
pub fn http() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(Duration::from_secs(15))
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

async fn read(answer: reqwest::Response, limit: usize) -> Result<Bytes, DownloadError> {
    if answer.content_length().is_some_and(|length| length > limit as u64) {
        return Err(DownloadError::TooLarge);
    }
    let mut bytes = BytesMut::new();
    let mut chunks = answer.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(CallError::from)?;
        if bytes.len() + chunk.len() > limit {
            return Err(DownloadError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Why a call gave no result. Never holds the address: the token is part of it.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("the Bot API could not be reached; nothing was sent")]
    NotSent,
    #[error("the Bot API refused: {0}")]
    Refused(Refusal),
    /// An answer that is not the Bot API's own: a proxy before it spoke.
    #[error("a gateway answered {0} in place of the Bot API")]
    Gateway(StatusCode),
    #[error("the talk with the Bot API broke off: {0}")]
    Broken(&'static str),
}

impl From<reqwest::Error> for CallError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_connect() || error.is_builder() {
            Self::NotSent
        } else if error.is_timeout() {
            Self::Broken("no answer in time")
        } else {
            Self::Broken("the connection was cut")
        }
    }
}

/// The Bot API's own no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} {description}")]
pub struct Refusal {
    pub code: u64,
    /// Telegram's English sentence, for example "Forbidden: bot was blocked by the user".
    pub description: String,
    /// How long the flood limit holds.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    fn new(error: ErrorResponse) -> Self {
        let seconds = error.parameters.and_then(|parameters| parameters.retry_after);
        let mut description = error.description;
        description.truncate(description.floor_char_boundary(200));
        Self { code: error.error_code, description, retry_after: seconds.map(|s| Duration::from_secs(s.into())) }
    }
}

/// Why a file did not come.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("the file is larger than 20 MB")]
    TooLarge,
    #[error("the Bot API named no place to fetch the file from")]
    NoPath,
    #[error(transparent)]
    Call(#[from] CallError),
}
