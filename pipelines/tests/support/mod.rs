//! What several tests of the platform need.

#![allow(dead_code, reason = "each test file takes a part of this")]

pub(crate) mod proxy;

use std::time::Duration;

use jiff_sqlx::ToSqlx;
use pipelines::events::{ContactId, CustomerId, EventBody};
use pipelines::platform::store::Store;

/// A wait that ends a test which would never end; generous, since nothing is measured by it.
pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work).await.expect("what was waited for did not happen")
}

/// Commits `count` events of as many new customers in one change, and says whose they are.
pub(crate) async fn append(store: &Store, count: usize) -> Vec<CustomerId> {
    let customers: Vec<_> = (0..count).map(|_| CustomerId::new(store.clock())).collect();
    let mut change = store.begin().await.unwrap();
    for customer in &customers {
        change.append_to_customer(*customer, None, EventBody::CustomerChanged { identity_id: None });
    }
    change.commit().await.unwrap();
    customers
}

/// A customer with an open contact.
pub(crate) async fn talk(store: &Store) -> (CustomerId, ContactId) {
    let (customer, contact) = (CustomerId::new(store.clock()), ContactId::new(store.clock()));
    sqlx::query(
        "WITH brand AS (INSERT INTO brand (id, slug, name) VALUES ($2, $2::text, 'b') RETURNING id),
              account AS (
                  INSERT INTO channel_account (id, channel, slug, name, brand_id, language)
                  SELECT $2, 'site', $2::text, 'a', id, 'ru' FROM brand RETURNING id, brand_id),
              customer AS (INSERT INTO customer (customer_id, created_at) VALUES ($1, $3) RETURNING customer_id)
         INSERT INTO contact (customer_id, id, channel, account_id, brand_id, thread, state, state_since, opened_at, queued_at)
         SELECT customer_id, $2, 'site', account.id, brand_id, 't', 'queued', $3, $3, $3 FROM customer, account",
    )
    .bind(customer.0)
    .bind(contact.0)
    .bind(store.clock().now().to_sqlx())
    .execute(store.pool())
    .await
    .unwrap();
    (customer, contact)
}
