//! Where customers reach us. Each channel verifies what came, maps it to one neutral `Inbound` and brings answers back.

pub mod calls;
pub mod site;
pub mod telegram;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::post;
use tower_http::timeout::TimeoutLayer;

use models::taxonomy::Language;
use pipelines::conversations::Account;
use pipelines::customers::Country;

use crate::server::State;

/// The largest update that is read; Telegram's are far smaller.
const UPDATE: usize = 1024 * 1024;

/// The longest until an answer begins: a large file over a slow mobile line. Lines and streams that have begun last.
const PATIENCE: Duration = Duration::from_secs(120);

/// The customers' side of the server: no cookies, no origin of ours, tokens and secrets instead.
pub fn routes() -> Router<State> {
    Router::new()
        .route("/channels/telegram/{bot}", post(telegram::webhook).layer(DefaultBodyLimit::max(UPDATE)))
        .merge(calls::routes())
        .merge(site::routes())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
}

/// Where an account's customers dial without a country code: the country of its language.
fn home_of(account: &Account) -> Country {
    match account.language {
        Language::Kk => Country::Kazakhstan,
        Language::Uz => Country::Uzbekistan,
        Language::Ru | Language::En => Country::Russia,
    }
}
