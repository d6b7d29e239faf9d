//! Puts a drawn world into an empty database: all of it, or nothing of it.

use secrecy::SecretString;

use super::places::COUNTRIES;
use super::{PASSWORD, StaffPlan, World, store};
use crate::conversations::accounts;
use crate::customers::{KnownCustomer, put_customers};
use crate::events::EventBody;
use crate::orders::{put_brands, put_cities, put_countries, put_menu, put_orders, put_restaurants};
use crate::platform::store::{Change, Store, StoreError};
use crate::trends::{count_past, count_told};
use crate::workforce::{Login, NewOperator, Roles, WorkforceError, create_operator};

/// Rows a statement.
const BATCH: usize = 4_000;

/// Whether the database holds a world already: this demonstration's, or somebody's real one.
pub async fn is_loaded(to: &Store) -> Result<bool, StoreError> {
    store::holds_brands(to.pool()).await
}

/// Loads `world`. `progress` hears how many parts of a thousand are done.
///
/// Operators come first and are passed over where they exist; the rest is one transaction. So a load that was broken
/// off leaves nothing that [`is_loaded`] takes for a world, and the next one succeeds.
pub async fn load(to: &Store, world: &World, progress: impl Fn(u64)) -> Result<(), WorkforceError> {
    let staff = World::staff();
    for (number, plan) in (1..).zip(&staff) {
        match create_operator(to, None, new_operator(plan)?).await {
            Ok(_) | Err(WorkforceError::LoginTaken) => progress(number * 100 / staff.len() as u64),
            Err(error) => return Err(error),
        }
    }
    let mut change = to.begin().await?;
    reference(&mut change, world).await?;
    progress(150);
    let known: Vec<KnownCustomer> = world.people.iter().map(|person| person.known.clone()).collect();
    let ids = put_customers(&mut change, &known).await?;
    store::consents(&mut change, &world.people, &ids).await?;
    progress(200);
    let orders = world.orders(&ids);
    for (number, batch) in (1..).zip(orders.chunks(BATCH)) {
        put_orders(&mut change, batch).await?;
        progress(200 + 800 * number / orders.len().div_ceil(BATCH) as u64);
    }
    count_past(&mut change, &world.past()).await?;
    let talks = world.talks();
    let contacts = store::talks(&mut change, &talks, &ids).await?;
    store::read(&mut change, &talks, &ids).await?;
    count_told(&mut change, &contacts).await?;
    // what they came to is for the models to say, once they run
    for (customer, contact) in contacts {
        change.append(customer, contact, None, EventBody::SummaryAsked {}).await?;
    }
    change.commit().await?;
    Ok(())
}

async fn reference(change: &mut Change, world: &World) -> Result<(), StoreError> {
    put_countries(change, &COUNTRIES).await?;
    put_brands(change, &world.brands).await?;
    put_cities(change, &world.cities).await?;
    put_restaurants(change, &world.restaurants).await?;
    put_menu(change, &world.menu).await?;
    accounts::put(change, &world.accounts).await?;
    store::templates(change, &world.templates).await
}

fn new_operator(plan: &StaffPlan) -> Result<NewOperator, WorkforceError> {
    let wrong = WorkforceError::Invalid("an operator of the demonstration has a wrong login or no role");
    let (Ok(login), Ok(roles)) = (Login::parse(plan.login), Roles::new(plan.roles)) else { return Err(wrong) };
    Ok(NewOperator {
        login,
        name: plan.name.to_owned(),
        password: SecretString::from(PASSWORD),
        roles,
        languages: plan.languages.to_vec(),
        capacity: plan.capacity,
    })
}
