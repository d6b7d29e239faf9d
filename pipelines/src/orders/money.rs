//! Money: whole minor units and a currency, never a fraction. How it looks is the page's and the templates' matter.

use serde::{Deserialize, Serialize};

use crate::events::{UnknownWord, words};

words!(
    /// What customers pay in (ISO 4217).
    Currency { Rub = "RUB", Kzt = "KZT", Uzs = "UZS" }
);

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
}
