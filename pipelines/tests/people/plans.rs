//! Search and card read by index, whatever the number of customers.

use pipelines::customers;
use pipelines::orders::{OrderStatus, orders_of};
use pipelines::platform::page::Limit;
use pipelines::platform::store::Store;
use pipelines::workforce::Role;
use secrecy::ExposeSecret;
use sqlx::postgres::PgPoolOptions;

use crate::world::World;

#[tokio::test]
async fn search_and_card_do_not_read_whole_tables() {
    let world = World::start().await;
    let anna = world.actor("anna", &[Role::Operator]).await;
    let customer = world.customer("a", "Светлана").await;
    world.put_orders(&[world.order(customer, "A-1", world.now(), OrderStatus::Delivered)]).await;
    world.contact(customer, world.now(), None).await;
    fill(&world).await;
    // One connection, so that its counters are complete when it is asked.
    let pool = PgPoolOptions::new().max_connections(1).connect(world.trial.url.expose_secret()).await.unwrap();
    let store = Store::new(pool, world.store().clock().clone());
    let before = reads(&store).await;
    customers::card(&store, &anna, customer).await.unwrap();
    orders_of(&store, &anna, customer, None, Limit::default()).await.unwrap();
    for (query, found) in [("Светл", 1), ("Имя 77", 50), ("+7 702 000-00-77", 1), ("№ A-1", 1)] {
        let page = customers::search(&store, &anna, query, None, Limit::default()).await.unwrap();
        assert_eq!(page.items.len(), found, "{query}");
        if let Some(next) = page.next {
            customers::search(&store, &anna, query, Some(&next), Limit::default()).await.unwrap();
        }
    }
    let after = reads(&store).await;
    assert_eq!(after.len(), 6);
    for ((table, scans, entries), (_, scans_before, entries_before)) in after.iter().zip(&before) {
        assert_eq!(scans, scans_before, "{table} was read from end to end");
        let read = entries - entries_before;
        assert!(read < 2_000, "{read} entries of indexes of {table} were read");
    }
}

/// How often each large table was read from end to end, and how many entries of its indexes: the server's own counters.
async fn reads(store: &Store) -> Vec<(String, i64, i64)> {
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(store.pool()).await.unwrap();
    sqlx::query_as(
        "SELECT t.relname::text, t.seq_scan, sum(i.idx_tup_read)::bigint
         FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid)
         WHERE t.relname IN ('customer', 'identity', 'customer_order', 'order_line', 'customer_link', 'contact')
         GROUP BY 1, 2 ORDER BY 1",
    )
    .fetch_all(store.pool())
    .await
    .unwrap()
}

/// 100,000 customers, each with a phone, an order of one line and a contact.
async fn fill(world: &World) {
    let statements = [
        "INSERT INTO customer (customer_id, name, name_folded, created_at)
         SELECT md5(n::text)::uuid, 'Имя ' || n, 'имя ' || n, '2026-01-01' FROM generate_series(1, 100000) n",
        "INSERT INTO identity (kind, value, customer_id, id, added_at)
         SELECT 'phone', '+7702' || lpad(n::text, 7, '0'), md5(n::text)::uuid, md5('i' || n)::uuid, '2026-01-01'
         FROM generate_series(1, 100000) n",
        "INSERT INTO customer_order (customer_id, id, number, brand_id, city_id, restaurant_id, status, placed_at,
           total_minor, currency)
         SELECT md5(n::text)::uuid, md5('o' || n)::uuid, 'B-' || n, o.brand_id, o.city_id, o.restaurant_id, 'delivered',
           o.placed_at, 100, 'KZT' FROM generate_series(1, 100000) n, (SELECT * FROM customer_order LIMIT 1) o",
        "INSERT INTO order_line (customer_id, order_id, line, name, quantity, price_minor)
         SELECT md5(n::text)::uuid, md5('o' || n)::uuid, 1, 'Плов', 1, 100 FROM generate_series(1, 100000) n",
        "INSERT INTO contact (customer_id, id, channel, account_id, brand_id, thread, state, state_since, opened_at, queued_at)
         SELECT md5(n::text)::uuid, md5('c' || n)::uuid, 'site', k.account_id, k.brand_id, 'visitor', 'closed', k.opened_at,
           k.opened_at, k.opened_at FROM generate_series(1, 100000) n, (SELECT * FROM contact LIMIT 1) k",
        "INSERT INTO customer_link (customer_id, id, linked_id, reason, linked_at)
         SELECT md5(n::text)::uuid, md5('l' || n)::uuid, md5((n + 1)::text)::uuid, 'тест', '2026-01-01'
         FROM generate_series(1, 40000, 2) n",
        "ANALYZE",
    ];
    for statement in statements {
        sqlx::query(statement).execute(world.store().pool()).await.unwrap();
    }
}
