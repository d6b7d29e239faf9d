//! Finding a customer by what they say on the phone: their number, their name, the number of an order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Country, CustomerError, Phone, fold, store};
use crate::events::CustomerId;
use crate::platform::page::{CursorError, Limit, Page};
use crate::platform::store::Store;
use crate::workforce::{Actor, Right, audit};

/// A customer in the list of those found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FoundCustomer {
    pub customer_id: CustomerId,
    pub name: Option<String>,
    pub city: Option<String>,
    pub phone_masked: Option<String>,
    pub last_contact_at: Option<Timestamp>,
}

/// Longest query that is looked at.
const LONGEST: usize = 100;

/// Finds by whole phone number in any form, by order number, else by the beginning of the name, in the order of names.
/// The cursor is the id of the page's last customer, so that no name stands in an address. Audited without the query.
pub async fn search(
    store: &Store,
    actor: &Actor,
    query: &str,
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<FoundCustomer>, CustomerError> {
    actor.require(Right::ReadCards)?;
    let query = query.trim();
    if query.chars().count() < 2 || query.chars().count() > LONGEST || query.chars().any(char::is_control) {
        return Err(CustomerError::Invalid("search for 2 to 100 characters: a phone, a name or an order number"));
    }
    let after = cursor.map(|id| Uuid::try_parse(id).map(CustomerId).map_err(|_| CursorError)).transpose()?;
    let mut wanted = Wanted::read(query);
    let mut customers = wanted.find(store, after, limit).await?;
    if customers.is_empty() && query.chars().any(char::is_alphabetic) {
        wanted = Wanted::Name(fold(query));
        customers = wanted.find(store, after, limit).await?;
    }
    let found = Page::of(store::search::described(store.pool(), &customers).await?, limit, |found| {
        found.customer_id.to_string()
    });
    let mut change = store.begin().await?;
    let entry = audit::Entry::by(actor, audit::Action::CustomersSearched)
        .with("by", wanted.word())
        .with("found", found.items.len());
    audit::write(&mut change, entry).await?;
    actor.commit(change).await?;
    Ok(found)
}

/// What a query looks like. Digits are a phone where they make one in a country of ours, else an order number; where no
/// order bears it, a name may.
#[derive(Debug, PartialEq)]
enum Wanted {
    Phones(Vec<Phone>),
    Order(String),
    Name(String),
}

impl Wanted {
    fn read(query: &str) -> Self {
        if query.chars().any(|c| c.is_ascii_digit()) {
            let mut phones: Vec<Phone> =
                Country::ALL.iter().filter_map(|country| Phone::parse(query, *country).ok()).collect();
            phones.dedup();
            if !phones.is_empty() {
                return Self::Phones(phones);
            }
            return Self::Order(query.trim_start_matches(['#', '№']).trim().to_owned());
        }
        Self::Name(fold(query))
    }

    async fn find(
        &self,
        store: &Store,
        after: Option<CustomerId>,
        limit: Limit,
    ) -> Result<Vec<CustomerId>, CustomerError> {
        let rows = limit.one_more();
        Ok(match self {
            Self::Phones(phones) => store::search::by_phone(store.pool(), phones).await?,
            Self::Order(number) => store::search::by_order(store.pool(), number, after, rows).await?,
            Self::Name(start) => store::search::by_name(store.pool(), start, after, rows).await?,
        })
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Phones(_) => "phone",
            Self::Order(_) => "order",
            Self::Name(_) => "name",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_what_it_is() {
        let phone = |text: &str| Wanted::Phones(vec![Phone::from_e164(text).unwrap()]);
        assert_eq!(Wanted::read("8 900 123-05-63"), phone("+79001230563"));
        assert_eq!(Wanted::read("+998 90 123 45 67"), phone("+998901234567"));
        assert_eq!(Wanted::read("№ 4417"), Wanted::Order("4417".into()));
        assert_eq!(Wanted::read("A-1047"), Wanted::Order("A-1047".into()));
        assert_eq!(Wanted::read("Семён"), Wanted::Name("семен".into()));
    }
}
