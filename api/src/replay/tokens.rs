//! What an app's backend signs for its user; the demonstration's replay is that backend.

use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::channels::site::token::{AppUser, sign};

/// A token for one user of the app, good for a day from `now` (seconds since 1970).
pub(super) fn app_user(key: &SecretString, user: &str, name: &str, now: i64) -> Option<String> {
    let key = SecretSlice::from(key.expose_secret().as_bytes().to_vec());
    let user = AppUser { user_id: user.to_owned(), name: Some(name.to_owned()), phone: None, exp: now + 86_400 };
    sign(&key, "app", &user)
}
