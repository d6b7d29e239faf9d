//! A small contact centre for a test: places, a menu, people.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use models::taxonomy::Language;
use pipelines::customers::{self, Country, IdentityKey, IdentityKind, NewCustomer};
use pipelines::events::{ContactId, CustomerId};
use pipelines::orders::{
    self, Brand, BrandId, City, CityId, Currency, Money, NewLine, NewOrder, OrderStatus, Restaurant, RestaurantId,
    order_id,
};
use pipelines::platform::clock::Clock;
use pipelines::platform::store::Store;
use pipelines::platform::trial::Trial;
use pipelines::workforce::{self, Actor, Login, NewOperator, Operator, Role, Roles, Token};
use secrecy::SecretString;

pub(crate) const PASSWORD: &str = "длинный пароль 7";

pub(crate) struct World {
    pub(crate) trial: Trial,
    pub(crate) brand: BrandId,
    pub(crate) city: CityId,
    pub(crate) restaurant: RestaurantId,
}

impl World {
    pub(crate) async fn start() -> Self {
        let clock = Clock::fixed("2026-11-25T09:30:00Z".parse().unwrap(), 42);
        let trial = Trial::start_at(clock.clone()).await;
        let (brand, city) = (BrandId::new(&clock), CityId::new(&clock));
        let restaurant = RestaurantId::new(&clock);
        let mut change = trial.store.begin().await.unwrap();
        let countries = [Country::Russia, Country::Kazakhstan, Country::Uzbekistan];
        orders::put_countries(&mut change, &countries).await.unwrap();
        orders::put_brands(&mut change, &[Brand { id: brand, slug: "plov".into(), name: "Плов и точка".into() }])
            .await
            .unwrap();
        let almaty = City {
            id: city,
            country: Country::Kazakhstan,
            slug: "almaty".into(),
            name: "Алматы".into(),
            zone: "Asia/Almaty".into(),
        };
        orders::put_cities(&mut change, &[almaty]).await.unwrap();
        let kitchen =
            Restaurant {
                id: restaurant, brand, city, name: "Абая 10".into(), address: "пр. Абая, 10".into()
            };
        orders::put_restaurants(&mut change, &[kitchen]).await.unwrap();
        change.commit().await.unwrap();
        Self { trial, brand, city, restaurant }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.trial.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.store().clock().now()
    }

    pub(crate) fn wait(&self, duration: SignedDuration) {
        self.store().clock().advance(duration);
    }

    pub(crate) async fn operator(&self, login: &str, roles: &[Role]) -> Operator {
        let new = NewOperator {
            login: Login::parse(login).unwrap(),
            name: format!("Имя {login}"),
            password: SecretString::from(PASSWORD),
            roles: Roles::new(roles).unwrap(),
            languages: vec![Language::Ru, Language::Kk],
            capacity: 3,
        };
        self.wait(SignedDuration::from_secs(1));
        workforce::create_operator(self.store(), None, new).await.unwrap()
    }

    pub(crate) async fn sign_in(&self, login: &str) -> Token {
        workforce::sign_in(self.store(), login, &SecretString::from(PASSWORD)).await.unwrap().0
    }

    pub(crate) async fn actor(&self, login: &str, roles: &[Role]) -> Actor {
        self.operator(login, roles).await;
        self.wait(SignedDuration::from_secs(1));
        let token = self.sign_in(login).await;
        self.wait(SignedDuration::from_secs(1));
        workforce::actor_of(self.store(), &token).await.unwrap().unwrap()
    }

    pub(crate) async fn customer(&self, key: &str, name: &str) -> CustomerId {
        let mut change = self.store().begin().await.unwrap();
        let new = NewCustomer {
            name: Some(name.into()),
            language: Some(Language::Ru),
            country: Some(Country::Kazakhstan),
            city: Some(self.city),
        };
        let customer = customers::resolve(&mut change, &site(key), &new).await.unwrap();
        change.commit().await.unwrap();
        customer
    }

    /// An order of two dishes for 4 500 tenge.
    pub(crate) fn order(
        &self,
        customer: CustomerId,
        number: &str,
        placed_at: Timestamp,
        status: OrderStatus,
    ) -> NewOrder {
        let line = |name: &str, quantity, price_minor, wishes: Option<&str>| NewLine {
            menu_item: None,
            name: name.into(),
            quantity,
            price_minor,
            wishes: wishes.map(str::to_owned),
        };
        NewOrder {
            customer,
            id: order_id(self.brand, number),
            number: number.into(),
            brand: self.brand,
            city: self.city,
            restaurant: self.restaurant,
            status,
            placed_at,
            due_at: Some(placed_at + SignedDuration::from_mins(45)),
            finished_at: None,
            total: Money::new(450_000, Currency::Kzt),
            wishes: None,
            lines: vec![line("Плов", 2, 150_000, Some("без изюма")), line("Морс", 1, 150_000, None)],
        }
    }

    pub(crate) async fn put_orders(&self, orders: &[NewOrder]) -> u64 {
        let mut change = self.store().begin().await.unwrap();
        let put = orders::put_orders(&mut change, orders).await.unwrap();
        change.commit().await.unwrap();
        put
    }

    /// A contact as the channels make it, straight into its table.
    pub(crate) async fn contact(
        &self,
        customer: CustomerId,
        opened_at: Timestamp,
        operator: Option<&Actor>,
    ) -> ContactId {
        let clock = self.store().clock();
        let (account, contact) = (clock.id(), ContactId::new(clock));
        sqlx::query(
            "INSERT INTO channel_account (id, channel, slug, name, brand_id, language) VALUES ($1, 'site', $2, 'Сайт', $3, 'ru')",
        )
        .bind(account)
        .bind(account.simple().to_string())
        .bind(self.brand.0)
        .execute(self.store().pool())
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO contact (customer_id, id, channel, account_id, brand_id, city_id, thread, state, state_since,
               operator_id, opened_at, queued_at, waiting_since, topic)
             VALUES ($1, $2, 'site', $3, $4, $5, 'visitor', $6, $7, $8, $7, $7, $7, 'order.status')",
        )
        .bind(customer.0)
        .bind(contact.0)
        .bind(account)
        .bind(self.brand.0)
        .bind(self.city.0)
        .bind(if operator.is_some() { "active" } else { "queued" })
        .bind(opened_at.to_sqlx())
        .bind(operator.map(|actor| actor.id.0))
        .execute(self.store().pool())
        .await
        .unwrap();
        contact
    }

    /// The actions in the audit, oldest first.
    pub(crate) async fn audited(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT action FROM audit ORDER BY at, id").fetch_all(self.store().pool()).await.unwrap()
    }

    pub(crate) async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(self.store().pool()).await.unwrap()
    }
}

pub(crate) fn site(visitor: &str) -> IdentityKey {
    IdentityKey::new(IdentityKind::Site, visitor).unwrap()
}
