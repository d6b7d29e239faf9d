//! The countries we serve: what a local number, a price and a greeting look like there.

use models::taxonomy::Language;

use crate::events::{UnknownWord, words};
use crate::orders::Currency;

words!(
    /// A country that we serve, by its ISO 3166-1 code in small letters.
    Country { Russia = "ru", Kazakhstan = "kz", Uzbekistan = "uz" }
);

impl Country {
    /// As its people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Russia => "Россия",
            Self::Kazakhstan => "Қазақстан",
            Self::Uzbekistan => "Oʻzbekiston",
        }
    }

    /// What customers pay in.
    pub fn currency(self) -> Currency {
        match self {
            Self::Russia => Currency::Rub,
            Self::Kazakhstan => Currency::Kzt,
            Self::Uzbekistan => Currency::Uzs,
        }
    }

    /// The international prefix, without `+`.
    pub fn calling_code(self) -> &'static str {
        match self {
            Self::Russia | Self::Kazakhstan => "7",
            Self::Uzbekistan => "998",
        }
    }

    /// The language to begin with when nothing else is known.
    pub fn language(self) -> Language {
        match self {
            Self::Russia => Language::Ru,
            Self::Kazakhstan => Language::Kk,
            Self::Uzbekistan => Language::Uz,
        }
    }
}
