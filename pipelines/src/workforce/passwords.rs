//! Passwords: argon2id with the parameters of OWASP's Password Storage Cheat Sheet, computed off the async threads.

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, CustomizedPasswordHasher, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::platform::clock::Clock;

/// 19 MiB, two passes, one lane: OWASP's first choice of equal strength for servers.
const PARAMS: Params = Params::DEFAULT;

/// Longest password in bytes; hashing is our work, its size is theirs.
const LONGEST: usize = 256;
const SHORTEST: usize = 8;

/// A bound of the process, not state: each computation holds 19 MiB and a core, so a flood of sign-ins queues here.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has 8 characters at least and 256 bytes at most")]
    Length,
    #[error("the password could not be hashed; try again")]
    Unhashed,
}

/// Hashes a new password as a PHC string with a fresh salt.
pub(super) async fn hash(clock: &Clock, password: &SecretString) -> Result<String, PasswordError> {
    let text = password.expose_secret();
    if text.chars().count() < SHORTEST || text.len() > LONGEST {
        return Err(PasswordError::Length);
    }
    let (salt, password) = (clock.secret(), password.clone());
    off_thread(move || hash_with(&password, &salt[..16])).await.flatten().ok_or(PasswordError::Unhashed)
}

/// Whether `password` is the one that was hashed. Where `hash` is none, or cannot be read, works as long and says no:
/// the time does not tell whether a login exists.
pub(super) async fn verify(hash: Option<String>, password: &SecretString) -> bool {
    if password.expose_secret().len() > LONGEST {
        return false;
    }
    let password = password.clone();
    let checked = off_thread(move || {
        let known = hash.as_deref().and_then(|hash| PasswordHash::new(hash).ok());
        match known {
            Some(known) => hasher().verify_password(password.expose_secret().as_bytes(), &known).is_ok(),
            None => hash_with(&password, &[0; 16]).is_none(),
        }
    });
    checked.await.unwrap_or(false)
}

fn hash_with(password: &SecretString, salt: &[u8]) -> Option<String> {
    let password = password.expose_secret().as_bytes();
    let hashed = hasher().hash_password_customized(password, salt, Some("argon2id"), Some(0x13), PARAMS);
    hashed.ok().map(|hash| hash.to_string())
}

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
}

/// None where the process is going down.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _permit = AT_ONCE.acquire().await.ok()?;
    tokio::task::spawn_blocking(work).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock::fixed("2026-11-25T09:30:00Z".parse().unwrap(), 11)
    }

    #[tokio::test]
    async fn a_hash_says_how_it_was_made_and_knows_its_password() {
        let password = SecretString::from("пароль-оператора");
        let hashed = hash(&clock(), &password).await.unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(verify(Some(hashed.clone()), &password).await);
        assert!(!verify(Some(hashed), &SecretString::from("другой-пароль")).await);
    }

    #[tokio::test]
    async fn nothing_fits_an_unknown_login() {
        assert!(!verify(None, &SecretString::from("любой-пароль")).await);
        assert!(!verify(Some("not a hash".into()), &SecretString::from("любой-пароль")).await);
    }

    #[tokio::test]
    async fn passwords_have_bounds() {
        assert!(matches!(hash(&clock(), &SecretString::from("семьбук")).await, Err(PasswordError::Length)));
        assert!(matches!(hash(&clock(), &SecretString::from("x".repeat(257))).await, Err(PasswordError::Length)));
    }
}
