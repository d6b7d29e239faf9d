//! Money: whole minor units and a currency, never a fraction. How it looks is the page's and the templates' matter.

use models::country::Country;
use serde::{Deserialize, Serialize};

use crate::events::{UnknownWord, words};

words!(
    /// What customers pay in (ISO 4217).
    Currency { Rub = "RUB", Kzt = "KZT", Uzs = "UZS" }
);

impl Currency {
    /// What customers of a country pay in.
    pub fn of(country: Country) -> Self {
        match country {
            Country::Russia => Self::Rub,
            Country::Kazakhstan => Self::Kzt,
            Country::Uzbekistan => Self::Uzs,
        }
    }
}

/// A sum in minor units: kopecks, tiyn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads an amount in major units as files write it: `1570`, `1570.50` or `1 570,5`; not negative, exact.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}')).collect();
        let (major, minor) = plain.split_once(['.', ',']).unwrap_or((&plain, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if major.is_empty() || minor.len() > 2 || !digits(major) || !digits(minor) {
            return Err(MoneyError);
        }
        let major: i64 = major.parse().map_err(|_| MoneyError)?;
        let minor: i64 = format!("{minor:0<2}").parse().map_err(|_| MoneyError)?;
        let minor = major.checked_mul(100).and_then(|whole| whole.checked_add(minor)).ok_or(MoneyError)?;
        Ok(Self { minor, currency })
    }

    /// The sum of two amounts of one currency; none where the currencies differ or the sum does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_add(other.minor)?;
        (self.currency == other.currency).then_some(Self { minor, ..self })
    }

    /// `quantity` times this amount; none where it does not fit.
    pub fn times(self, quantity: u16) -> Option<Self> {
        Some(Self { minor: self.minor.checked_mul(i64::from(quantity))?, ..self })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an amount; write it in major units with two decimals at most, for example 1570.50")]
pub struct MoneyError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_mix_currencies_and_do_not_wrap() {
        let rub = |minor| Money::new(minor, Currency::Rub);
        assert_eq!(rub(150).plus(rub(50)), Some(rub(200)));
        assert_eq!(rub(150).plus(Money::new(50, Currency::Kzt)), None);
        assert_eq!(rub(i64::MAX).plus(rub(1)), None);
        assert_eq!(rub(i64::MAX).times(2), None);
        assert_eq!(rub(19_900).times(3), Some(rub(59_700)));
    }

    #[test]
    fn amounts_are_read_exactly() {
        let read = |text| Money::parse(text, Currency::Kzt).map(|money| money.minor);
        assert_eq!(read("1570"), Ok(157_000));
        assert_eq!(read("1 570,5"), Ok(157_050));
        assert_eq!(read("0.07"), Ok(7));
        for wrong in ["", "-1", "1.234", ".5", "1e3", "1.2.3", "NaN", "99999999999999999999", "+1"] {
            assert_eq!(read(wrong), Err(MoneyError), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(minor in 0i64..1_000_000_000_000) {
            let text = format!("{}.{:02}", minor / 100, minor % 100);
            proptest::prop_assert_eq!(Money::parse(&text, Currency::Uzs), Ok(Money::new(minor, Currency::Uzs)));
        }
    }
}
