//! Who else has a contact open.

use std::collections::HashMap;

use jiff::Timestamp;
use pipelines::conversations::view::Person;
use pipelines::events::{ContactId, OperatorId};
use uuid::Uuid;

/// The connections that show a contact, each until it says otherwise or falls silent.
#[derive(Debug, Default)]
pub(super) struct Viewers {
    by_contact: HashMap<ContactId, HashMap<Uuid, (Person, Timestamp)>>,
}

impl Viewers {
    /// Notes that a connection shows the contact until then, or (none) no longer. True when that changed who is there.
    pub(super) fn note(&mut self, contact: ContactId, connection: Uuid, who: Person, until: Option<Timestamp>) -> bool {
        let viewers = self.by_contact.entry(contact).or_default();
        match until {
            Some(until) => viewers.insert(connection, (who, until)).is_none(),
            None => viewers.remove(&connection).is_some(),
        }
    }

    /// Drops those that fell silent; gives the contacts where somebody left.
    pub(super) fn expire(&mut self, now: Timestamp) -> Vec<ContactId> {
        let mut changed = Vec::new();
        self.by_contact.retain(|contact, viewers| {
            let before = viewers.len();
            viewers.retain(|_, (_, until)| *until > now);
            if viewers.len() < before {
                changed.push(*contact);
            }
            !viewers.is_empty()
        });
        changed
    }

    /// Everybody but `me`, each once, by name.
    pub(super) fn of(&self, contact: ContactId, me: OperatorId) -> Vec<Person> {
        let mut there: Vec<Person> = self
            .by_contact
            .get(&contact)
            .into_iter()
            .flat_map(HashMap::values)
            .map(|(colleague, _)| colleague)
            .filter(|colleague| colleague.id != me)
            .cloned()
            .collect();
        there.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        there.dedup_by_key(|colleague| colleague.id);
        there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colleague(n: u128, name: &str) -> Person {
        Person { id: OperatorId(Uuid::from_u128(n)), name: name.to_owned() }
    }

    #[test]
    fn two_windows_of_one_colleague_are_one_reader_until_both_are_gone() {
        let mut viewers = Viewers::default();
        let contact = ContactId(Uuid::from_u128(1));
        let later = Timestamp::from_second(60).unwrap();
        let (a, b) = (Uuid::from_u128(10), Uuid::from_u128(11));
        assert!(viewers.note(contact, a, colleague(5, "Ildar"), Some(later)));
        assert!(viewers.note(contact, b, colleague(5, "Ildar"), Some(later)));
        assert_eq!(viewers.of(contact, OperatorId(Uuid::from_u128(9))), [colleague(5, "Ildar")]);
        assert!(viewers.of(contact, OperatorId(Uuid::from_u128(5))).is_empty());
        assert!(viewers.note(contact, a, colleague(5, "Ildar"), None));
        assert_eq!(viewers.of(contact, OperatorId(Uuid::from_u128(9))).len(), 1);
        assert_eq!(viewers.expire(later), [contact]);
        assert!(viewers.of(contact, OperatorId(Uuid::from_u128(9))).is_empty());
    }
}
