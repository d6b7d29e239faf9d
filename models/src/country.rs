//! The countries we serve: how a local number and a greeting look there.

use std::fmt;
use std::str::FromStr;

use crate::taxonomy::Language;

/// A country that we serve, by its ISO 3166-1 code in small letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub enum Country {
    /// `ru`
    #[serde(rename = "ru")]
    Russia,
    /// `kz`
    #[serde(rename = "kz")]
    Kazakhstan,
    /// `uz`
    #[serde(rename = "uz")]
    Uzbekistan,
}

/// A word that names no country of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no country that we serve; use ru, kz or uz")]
pub struct UnknownCountry(String);

impl Country {
    /// All of them.
    pub const ALL: &'static [Country] = &[Self::Russia, Self::Kazakhstan, Self::Uzbekistan];

    /// The country as it stands in files, the database and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Russia => "ru",
            Self::Kazakhstan => "kz",
            Self::Uzbekistan => "uz",
        }
    }

    /// As its people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Russia => "Россия",
            Self::Kazakhstan => "Қазақстан",
            Self::Uzbekistan => "Oʻzbekiston",
        }
    }

    /// The international prefix, without `+`.
    pub const fn calling_code(self) -> &'static str {
        match self {
            Self::Russia | Self::Kazakhstan => "7",
            Self::Uzbekistan => "998",
        }
    }

    /// The language to begin with when nothing else is known.
    pub const fn language(self) -> Language {
        match self {
            Self::Russia => Language::Ru,
            Self::Kazakhstan => Language::Kk,
            Self::Uzbekistan => Language::Uz,
        }
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(word: &str) -> Result<Self, UnknownCountry> {
        Self::ALL
            .iter()
            .copied()
            .find(|country| country.as_str() == word)
            .ok_or_else(|| UnknownCountry(word.to_owned()))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
