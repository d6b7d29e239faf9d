//! Telephone numbers: parsed once at the edge, E.164 inside, masked wherever nobody asked to see them.

use std::fmt;

use phonenumber::Mode;

use super::Country;

/// Longest text that is looked at; a number of any country with brackets and spaces is far shorter.
const LONGEST: usize = 40;

/// A valid telephone number in E.164 (ITU-T), for example `+79001230563`.
///
/// Neither `Debug` nor a log shows more than [`Phone::masked`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads a number as people of `country` write it: with or without `+`, with the trunk prefix 8, with brackets,
    /// spaces and dashes, or as a bare local number.
    pub fn parse(text: &str, country: Country) -> Result<Self, PhoneError> {
        let text = text.trim();
        if text.len() > LONGEST || text.chars().any(char::is_alphabetic) {
            return Err(PhoneError);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if let Some(phone) = international(text, &digits, country).and_then(valid) {
            return Ok(phone);
        }
        if text.starts_with('+') {
            return Err(PhoneError);
        }
        let region = match country {
            Country::Russia => phonenumber::country::RU,
            Country::Kazakhstan => phonenumber::country::KZ,
            Country::Uzbekistan => phonenumber::country::UZ,
        };
        valid(phonenumber::parse(Some(region), text).map_err(|_| PhoneError)?).ok_or(PhoneError)
    }

    /// Takes a number that is E.164 already, as the database and Telegram give it.
    pub fn from_e164(text: &str) -> Result<Self, PhoneError> {
        if !text.starts_with('+') || text.len() > 16 {
            return Err(PhoneError);
        }
        phonenumber::parse(None, text).ok().and_then(valid).ok_or(PhoneError)
    }

    /// The whole number: for the database and for who may see it.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// What may be shown without asking: country, operator's prefix and the last four digits, `+7 900 •••-05-63`.
    pub fn masked(&self) -> String {
        mask(&self.0)
    }
}

/// Digits that begin with a calling code of ours and have its full length are international even without `+`.
fn international(text: &str, digits: &str, country: Country) -> Option<phonenumber::PhoneNumber> {
    let code = country.calling_code();
    let whole = match country {
        Country::Russia | Country::Kazakhstan => 11,
        Country::Uzbekistan => 12,
    };
    let with_plus = text.starts_with('+') || (digits.starts_with(code) && digits.len() == whole);
    let number = if with_plus { digits } else { digits.strip_prefix("810").filter(|rest| rest.len() >= 10)? };
    phonenumber::parse(None, format!("+{number}")).ok()
}

fn valid(number: phonenumber::PhoneNumber) -> Option<Phone> {
    let plain = number.is_valid() && number.extension().is_none();
    plain.then(|| Phone(number.format().mode(Mode::E164).to_string()))
}

/// Shows at most the country, what precedes the last seven digits, and the last four; always hides three or more.
fn mask(e164: &str) -> String {
    let digits = e164.trim_start_matches('+');
    let code =
        phonenumber::parse(None, e164).map_or_else(|_| String::new(), |number| number.code().value().to_string());
    let national = digits.strip_prefix(code.as_str()).unwrap_or(digits);
    let Some(hidden_from) = national.len().checked_sub(7).filter(|_| national.is_ascii()) else {
        return format!("+{code} •••");
    };
    let (area, rest) = national.split_at(hidden_from);
    let area = if area.is_empty() { String::new() } else { format!("{area} ") };
    format!("+{code} {area}•••-{}-{}", &rest[3..5], &rest[5..7])
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

/// The number itself is not repeated: it may be a customer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number; write it with the country's prefix, for example +7 900 123-05-63")]
pub struct PhoneError;
