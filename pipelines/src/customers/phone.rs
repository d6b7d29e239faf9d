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

/// What the digits are with the country's prefix in front: whole already, after the trunk prefix 8, or bare. The library
/// alone takes the 7 of a Kazakh 701 for the country's.
fn international(text: &str, digits: &str, country: Country) -> Option<phonenumber::PhoneNumber> {
    let (code, local) = match country {
        Country::Russia | Country::Kazakhstan => ("7", 10),
        Country::Uzbekistan => ("998", 9),
    };
    let whole = |rest: &str| (rest.len() == local).then(|| format!("{code}{rest}"));
    let number = if text.starts_with('+') {
        digits.to_owned()
    } else if let Some(number) = digits.strip_prefix(code).and_then(whole) {
        number
    } else if let Some(number) = digits.strip_prefix('8').and_then(whole).or_else(|| whole(digits)) {
        number
    } else {
        digits.strip_prefix("810").filter(|rest| rest.len() >= 10)?.to_owned()
    };
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        use Country::{Kazakhstan, Russia, Uzbekistan};
        for (text, country, e164) in [
            ("8 900 123-05-63", Russia, "+79001230563"),
            ("+7 (900) 123 05 63", Russia, "+79001230563"),
            ("79001230563", Russia, "+79001230563"),
            ("9001230563", Russia, "+79001230563"),
            ("8 (495) 123-45-67", Russia, "+74951234567"),
            ("8 701 123 45 67", Kazakhstan, "+77011234567"),
            ("7011234567", Kazakhstan, "+77011234567"),
            ("87011234567", Kazakhstan, "+77011234567"),
            ("90 123 45 67", Uzbekistan, "+998901234567"),
            ("998901234567", Uzbekistan, "+998901234567"),
            ("8 90 123 45 67", Uzbekistan, "+998901234567"),
            ("8 10 998 90 123 45 67", Russia, "+998901234567"),
            ("+998 (90) 123-45-67", Russia, "+998901234567"),
            ("+7 900 123-05-63", Uzbekistan, "+79001230563"),
            ("+49 30 901820", Russia, "+4930901820"),
        ] {
            let read = Phone::parse(text, country).map(|phone| phone.as_e164().to_owned());
            assert_eq!(read.as_deref(), Ok(e164), "{text} in {country:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", "8", "123", "позвоните мне", "+7 900", "+7 900 123-05-63 доб. 12", "A-1047", "4417", "++79001230563x"]
        {
            assert_eq!(Phone::parse(text, Country::Russia), Err(PhoneError), "{text}");
        }
        assert_eq!(Phone::parse(&"9".repeat(1_000_000), Country::Russia), Err(PhoneError));
        assert_eq!(Phone::from_e164("79001230563"), Err(PhoneError));
        assert_eq!(Phone::from_e164("+79001230563; DROP TABLE identity"), Err(PhoneError));
    }

    #[test]
    fn a_mask_shows_the_country_the_operator_and_four_digits() {
        let masked = |text: &str| Phone::from_e164(text).unwrap().masked();
        assert_eq!(masked("+79001230563"), "+7 900 •••-05-63");
        assert_eq!(masked("+998901234567"), "+998 90 •••-45-67");
        assert_eq!(masked("+4930901820"), "+49 3 •••-18-20");
        let phone = Phone::from_e164("+79001230563").unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(+7 900 •••-05-63)");
    }

    proptest! {
        #[test]
        fn reading_never_fails_badly_and_reads_itself_again(text in "[+0-9 ()-]{0,30}", country in 0usize..3) {
            if let Ok(phone) = Phone::parse(&text, Country::ALL[country]) {
                prop_assert_eq!(Phone::from_e164(phone.as_e164()), Ok(phone.clone()));
                prop_assert_eq!(Phone::parse(phone.as_e164(), Country::Uzbekistan), Ok(phone));
            }
        }

        #[test]
        fn a_mask_always_hides_three_digits(digits in "[1-9][0-9]{6,14}") {
            let e164 = format!("+{digits}");
            let masked = mask(&e164);
            let shown = masked.chars().filter(char::is_ascii_digit).count();
            prop_assert!(shown + 3 <= digits.len(), "{} of {}", masked, e164);
            let code = phonenumber::parse(None, &e164).map_or(0, |number| number.code().value().to_string().len());
            let tail = masked.chars().rev().take_while(|c| *c != '•').filter(char::is_ascii_digit).count();
            prop_assert!(tail <= 4);
            prop_assert!(shown <= code + digits.len().saturating_sub(code + 7) + 4);
        }

        #[test]
        fn local_forms_of_one_number_are_one_number(last in 0u32..10_000_000) {
            let local = format!("900{last:07}");
            let forms = [format!("8{local}"), format!("+7{local}"), format!("7{local}"), format!("8 ({}) {}", &local[..3], &local[3..])];
            let read: Vec<_> = forms.iter().map(|form| Phone::parse(form, Country::Russia)).collect();
            prop_assert!(read.iter().all(|phone| phone.is_ok() && *phone == read[0]), "{read:?}");
        }
    }
}
