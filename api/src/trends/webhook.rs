//! Tells an outer service of alerts: signed, in order, again until it is taken, and once more on request.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use pipelines::events::{AlertChange, AlertId, EventBody, EventId};
use pipelines::platform::log::{Consumer, Entry};
use pipelines::platform::store::{Store, StoreError};
use pipelines::trends::alerts::TrendAlert;
use pipelines::trends::stream;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

/// Under this name its position in the log is kept.
pub const READER: &str = "webhook";

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Before the second attempt; doubled with each further one.
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(300);
/// Before somebody looks again whether this process is to do it.
const PAUSE: Duration = Duration::from_secs(15);

/// Where alerts are sent, and what they are signed with.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub url: Url,
    pub secret: SecretString,
}

/// What is sent: one change of one alert. Whoever has seen the `id` has seen it; `position` never goes back but on request.
#[derive(Debug, Serialize)]
struct Told<'a> {
    id: EventId,
    #[serde(rename = "type")]
    kind: &'static str,
    v: i16,
    at: jiff::Timestamp,
    position: i64,
    seq: i64,
    alert_id: AlertId,
    change: AlertChange,
    /// As it stands now: of two changes that lie close together both may tell of the later. None: it was withdrawn.
    alert: Option<&'a TrendAlert>,
}

/// Sends until `stop`; one process at a time does.
pub async fn run(store: Store, http: reqwest::Client, webhook: Webhook, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Some(Err(error)) = stop.run_until_cancelled(send_on(&store, &http, &webhook)).await {
            tracing::warn!(%error, "the webhook waits for the database");
        }
        stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
    }
}

async fn send_on(store: &Store, http: &reqwest::Client, webhook: &Webhook) -> Result<(), StoreError> {
    let Some(mut reader) = Consumer::open(store, READER).await? else { return Ok(()) };
    loop {
        for entry in reader.next().await? {
            if let EventBody::AlertChanged { alert_id, seq, change } = entry.event.body {
                send(store, http, webhook, &entry, (alert_id, seq, change)).await?;
                reader.done(entry.part, entry.position).await?;
            }
        }
    }
}

/// Sends one change until it is taken. Of what no longer exists only is told that it was withdrawn.
async fn send(
    store: &Store,
    http: &reqwest::Client,
    webhook: &Webhook,
    entry: &Entry,
    (id, seq, change): (AlertId, i64, AlertChange),
) -> Result<(), StoreError> {
    let alert = stream::changed(store, &[id]).await?.pop();
    if alert.is_none() && change != AlertChange::Withdrawn {
        return Ok(());
    }
    let event = &entry.event;
    let told = Told {
        id: event.id,
        kind: event.body.kind(),
        v: event.v,
        at: event.at,
        position: entry.position,
        seq,
        alert_id: id,
        change,
        alert: alert.as_ref(),
    };
    let body = serde_json::to_vec(&told).map_err(StoreError::Encode)?;
    let mut delay = FIRST_DELAY;
    loop {
        let at = store.clock().now().as_second();
        let request = http
            .post(webhook.url.clone())
            .timeout(PATIENCE)
            .header("content-type", "application/json")
            .header("okno-event", event.id.to_string())
            .header("okno-signature", signature(&webhook.secret, at, &body))
            .body(body.clone());
        let answer = request.send().await.and_then(reqwest::Response::error_for_status);
        let why = match answer {
            Ok(answer) if answer.status().is_success() => {
                metrics::counter!("okno_webhook_total", "result" => "taken").increment(1);
                return Ok(());
            }
            // it points elsewhere: nobody has taken anything, and no address but the given one gets alerts
            Ok(answer) => answer.status().to_string(),
            Err(error) => error.without_url().to_string(),
        };
        metrics::counter!("okno_webhook_total", "result" => "refused").increment(1);
        tracing::warn!(error = %why, ?delay, "the webhook's service did not take an alert");
        tokio::time::sleep(delay.mul_f64(0.5 + store.clock().fraction() / 2.0)).await;
        delay = (delay * 2).min(LONGEST_DELAY);
    }
}

/// `t=SECONDS,v1=HEX`: HMAC-SHA-256 over the seconds, a dot and the body. Whoever takes it refuses old seconds.
pub fn signature(secret: &SecretString, at: i64, body: &[u8]) -> String {
    // a key of any length will do
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { return String::new() };
    mac.update(at.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_what_another_program_computes() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
        let expected = "9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae";
        assert_eq!(signature(&"key".into(), 1_700_000_000, b"{}"), format!("t=1700000000,v1={expected}"));
    }
}
