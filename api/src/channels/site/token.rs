//! What a visitor's browser and an app's backend prove themselves with: a signed payload, no row in a table.
//!
//! `base64url(payload) . base64url(HMAC-SHA256(key, payload))` (RFC 2104); the key is the account's own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

/// A token longer than this is not ours.
const LONGEST: usize = 2_048;

/// A browser or an installed app that writes to us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// The talk: random for a browser, the user's id for an app.
    pub thread: String,
    pub name: Option<String>,
    /// A number that the app's backend vouches for.
    pub phone: Option<String>,
    /// Seconds since 1970.
    pub expires: i64,
}

/// What an app's backend signs for its user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppUser {
    pub user_id: String,
    pub name: Option<String>,
    pub phone: Option<String>,
    /// Seconds since 1970.
    pub exp: i64,
}

/// Signs a payload with the account's key.
pub fn sign<T: Serialize>(key: &SecretSlice<u8>, purpose: &str, payload: &T) -> Option<String> {
    let payload = serde_json::to_vec(payload).ok()?;
    let signature = mac(key, purpose, &payload)?.finalize().into_bytes();
    Some(format!("{}.{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(signature)))
}

/// The payload of a token that this key signed for this purpose; the comparison takes the same time whatever comes.
pub fn verify<T: DeserializeOwned>(key: &SecretSlice<u8>, purpose: &str, token: &str) -> Option<T> {
    if token.len() > LONGEST {
        return None;
    }
    let (payload, signature) = token.split_once('.')?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    mac(key, purpose, &payload)?.verify_slice(&signature).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// The purpose is signed too: a token of one kind is never taken for the other.
fn mac(key: &SecretSlice<u8>, purpose: &str, payload: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).ok()?;
    mac.update(purpose.as_bytes());
    mac.update(b".");
    mac.update(payload);
    Some(mac)
}

/// Whether a time in seconds since 1970 lies ahead.
pub fn is_ahead(seconds: i64, now: Timestamp) -> bool {
    seconds > now.as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor() -> Visitor {
        Visitor { thread: "v1".to_owned(), name: None, phone: None, expires: 10 }
    }

    #[test]
    fn only_the_key_and_purpose_that_signed_open_a_token() {
        let (key, other) = (SecretSlice::from(vec![1; 32]), SecretSlice::from(vec![2; 32]));
        let token = sign(&key, "visitor", &visitor()).unwrap();
        assert_eq!(verify::<Visitor>(&key, "visitor", &token), Some(visitor()));
        assert_eq!(verify::<Visitor>(&other, "visitor", &token), None);
        assert_eq!(verify::<Visitor>(&key, "app", &token), None);
        let (payload, signature) = token.split_once('.').unwrap();
        let forged = URL_SAFE_NO_PAD.encode(br#"{"thread":"v2","name":null,"phone":null,"expires":10}"#);
        assert_eq!(verify::<Visitor>(&key, "visitor", &format!("{forged}.{signature}")), None);
        for rubbish in ["", ".", payload, &"a".repeat(3_000), "é.é"] {
            assert_eq!(verify::<Visitor>(&key, "visitor", rubbish), None);
        }
    }
}
