//! How somebody wants their page. Kept on the server so that it follows them to another desk.

use models::taxonomy::Language;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Actor, WorkforceError, store};
use crate::events::{UnknownWord, words};
use crate::platform::store::Store;

/// An operator's choices for the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Preferences {
    pub language: Language,
    pub theme: Theme,
    /// Size of text, per cent.
    #[schema(minimum = 100, maximum = 200)]
    pub text_percent: TextPercent,
    pub density: Density,
    /// Single letters act as commands while no field has the focus.
    pub letter_keys: bool,
    pub reduced_motion: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: Language::Ru,
            theme: Theme::System,
            text_percent: TextPercent(100),
            density: Density::Comfortable,
            letter_keys: true,
            reduced_motion: false,
        }
    }
}

words!(
    /// Colours of the page.
    Theme { System = "system", Light = "light", Dark = "dark", Contrast = "contrast" }
);
words!(
    /// Space between the lines of lists.
    Density { Comfortable = "comfortable", Compact = "compact" }
);

/// 100 to 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "u16", into = "u16")]
#[schema(value_type = u16)]
pub struct TextPercent(u16);

impl TryFrom<u16> for TextPercent {
    type Error = TextPercentError;

    fn try_from(percent: u16) -> Result<Self, TextPercentError> {
        if (100..=200).contains(&percent) { Ok(Self(percent)) } else { Err(TextPercentError) }
    }
}

impl From<TextPercent> for u16 {
    fn from(percent: TextPercent) -> Self {
        percent.0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the size of text is 100 to 200 per cent")]
pub struct TextPercentError;

/// Replaces the actor's preferences and gives them back as stored.
pub async fn set_preferences(
    store: &Store,
    actor: &Actor,
    preferences: Preferences,
) -> Result<Preferences, WorkforceError> {
    let stored = to_stored(&preferences);
    store::preferences::set(store.pool(), actor.id, stored).await?;
    Ok(preferences)
}

/// The version that this code writes.
const VERSION: u64 = 1;

fn to_stored(preferences: &Preferences) -> Value {
    let mut stored = serde_json::to_value(preferences).unwrap_or_default();
    stored["v"] = VERSION.into();
    stored
}

/// What is stored, each missing or unreadable choice at its default: a preference must never lock somebody out.
pub(super) fn from_stored(stored: &Value) -> Preferences {
    let mut whole = serde_json::to_value(Preferences::default()).unwrap_or_default();
    for (choice, default) in whole.as_object_mut().into_iter().flatten() {
        let Some(value) = stored.get(choice.as_str()) else { continue };
        let alone = Value::Object([(choice.clone(), value.clone())].into_iter().collect());
        if serde_json::from_value::<Preferences>(alone).is_ok() {
            *default = value.clone();
        }
    }
    serde_json::from_value(whole).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_comes_back() {
        let chosen = Preferences {
            theme: Theme::Contrast,
            text_percent: TextPercent(175),
            letter_keys: false,
            ..Preferences::default()
        };
        let stored = to_stored(&chosen);
        assert_eq!(stored["v"], 1);
        assert_eq!(from_stored(&stored), chosen);
    }

    #[test]
    fn an_unreadable_choice_falls_back_alone() {
        let stored = serde_json::json!({"v": 2, "theme": "neon", "text_percent": 900, "density": "compact"});
        let read = from_stored(&stored);
        assert_eq!(read, Preferences { density: Density::Compact, ..Preferences::default() });
    }

    #[test]
    fn text_size_has_bounds() {
        assert!(serde_json::from_str::<Preferences>(r#"{"text_percent": 201}"#).is_err());
        assert!(serde_json::from_str::<Preferences>(r#"{"text_percent": 99}"#).is_err());
        assert!(serde_json::from_str::<Preferences>(r#"{"text_percent": 200}"#).is_ok());
    }
}
