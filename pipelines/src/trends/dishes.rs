//! The dish that a contact complains of.
//!
//! A dish is its folded name, not a row of a menu: each brand has a menu in each country, the same dish stands on many of
//! them, and a bad batch of one supplier shows in all kitchens at once. Where it was cooked is the restaurant's part.

use std::collections::HashMap;

use models::entities::{DishNames, folded};
use sqlx::PgConnection;

use super::store::dishes::{self as rows, Menu};
use crate::events::{ContactId, CustomerId};
use crate::platform::store::StoreError;

/// For each contact the folded name of the first dish that it names in a complaint and that its order of the day before
/// or its menu has; empty where there is none.
pub(super) async fn of(
    conn: &mut PgConnection,
    contacts: &[(CustomerId, ContactId)],
) -> Result<Vec<String>, StoreError> {
    let mut menus: HashMap<Menu, DishNames> = HashMap::new();
    let mut found: HashMap<ContactId, String> = HashMap::new();
    for mention in rows::mentions(conn, contacts).await? {
        if found.contains_key(&mention.contact) {
            continue;
        }
        // what was eaten says which of the soups "the soup" is
        if let Some(dish) = DishNames::new(&mention.ordered).meant(&mention.said) {
            found.insert(mention.contact, dish.to_owned());
            continue;
        }
        if !menus.contains_key(&mention.menu) {
            let names = rows::on_menu(conn, &mention.menu).await?;
            menus.insert(mention.menu.clone(), DishNames::new(names));
        }
        if let Some(dish) = menus.get(&mention.menu).and_then(|menu| menu.meant(&mention.said)) {
            found.insert(mention.contact, dish.to_owned());
        }
    }
    Ok(contacts.iter().map(|(_, contact)| found.remove(contact).unwrap_or_default()).collect())
}

/// A dish as menus write it; as it is compared, where no menu has it any longer.
pub(super) fn spelt(names: &[String], dish: &str) -> String {
    names.iter().find(|name| folded(name) == dish).map_or(dish, String::as_str).to_owned()
}
