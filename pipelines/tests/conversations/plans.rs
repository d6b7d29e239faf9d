//! The queries of the hot paths use their indexes when there are many contacts.

use pipelines::conversations::view;
use pipelines::platform::clock::Clock;
use pipelines::platform::store::Store;
use secrecy::ExposeSecret;
use sqlx::Row;
use sqlx::postgres::PgPoolOptions;

use crate::world::World;

const CONTACTS: i64 = 50_000;

#[tokio::test]
async fn hot_queries_read_no_table_whole() {
    let world = World::new().await;
    let account = world.account(pipelines::events::Channel::Site).await;
    let operator = world.operator("op", 5).await;
    let pool = world.store().pool();
    let fill = [
        "INSERT INTO customer (customer_id, created_at)
         SELECT md5('c' || n)::uuid, '2026-11-01' FROM generate_series(1, $1) n",
        "INSERT INTO contact (customer_id, id, channel, account_id, brand_id, thread, state, state_since, opened_at,
                              queued_at, closed_at, language)
         SELECT md5('c' || n)::uuid, md5('t' || n)::uuid, 'site', a.id, a.brand_id, 't' || n,
                CASE WHEN n % 100 = 0 THEN 'queued' ELSE 'closed' END, t, t, t, CASE WHEN n % 100 <> 0 THEN t END, 'ru'
         FROM (SELECT n, timestamptz '2026-11-01' + n * interval '20 seconds' AS t FROM generate_series(1, $1) n) x
         CROSS JOIN channel_account a",
        "INSERT INTO message (customer_id, id, contact_id, seq, author, kind, text, at, received_at, changed_seq)
         SELECT md5('c' || n)::uuid, md5('m' || n || '.' || k)::uuid, md5('t' || n)::uuid, k, 'customer', 'text', 'x',
                '2026-11-01', '2026-11-01', k
         FROM generate_series(1, $1) n CROSS JOIN generate_series(2, 4) k",
    ];
    for statement in fill {
        sqlx::query(statement).bind(CONTACTS).execute(pool).await.unwrap();
    }
    sqlx::query("ANALYZE").execute(pool).await.unwrap();
    let some = "SELECT md5('t' || n)::uuid FROM generate_series(1, 50) n";
    let hot = [
        "SELECT id FROM contact WHERE state = 'queued' AND (language IS NULL OR language = ANY('{ru,kk}'))
         ORDER BY rank, queued_at, id LIMIT 1 FOR UPDATE"
            .to_owned(),
        format!(
            "SELECT id FROM contact WHERE operator_id = '{}' AND state IN ('offered', 'active', 'held', 'wrap_up')",
            operator.id
        ),
        format!("SELECT id FROM contact WHERE account_id = '{}' AND thread = 't77' FOR UPDATE", account.id),
        "SELECT closed_at, id FROM contact WHERE state IN ('closed', 'abandoned')
         AND (closed_at, id) < ('2026-11-05', '00000000-0000-0000-0000-000000000000')
         ORDER BY closed_at DESC, id DESC LIMIT 51"
            .to_owned(),
        format!(
            "SELECT c.id, l.text, (SELECT count(*) FROM message m WHERE m.customer_id = c.customer_id
               AND m.contact_id = c.id AND m.seq > c.read_seq AND m.author = 'customer')
             FROM unnest((SELECT ARRAY({some}))) AS k (id) JOIN contact c ON c.id = k.id
             LEFT JOIN LATERAL (SELECT m.text FROM message m WHERE m.customer_id = c.customer_id
               AND m.contact_id = c.id ORDER BY m.seq DESC LIMIT 1) l ON true"
        ),
        "SELECT id FROM message WHERE customer_id = md5('c7')::uuid AND contact_id = md5('t7')::uuid AND seq < 100
         ORDER BY seq DESC LIMIT 101"
            .to_owned(),
        "SELECT id FROM contact WHERE state = 'offered' AND state_since < '2026-11-01' ORDER BY state_since, id
         LIMIT 1 FOR UPDATE SKIP LOCKED"
            .to_owned(),
        "SELECT id FROM message WHERE delivery = 'sending' AND delivery_since < '2026-11-01' LIMIT 1000".to_owned(),
    ];
    for query in hot {
        let plan: Vec<String> = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN {query}")))
            .fetch_all(pool)
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.get(0))
            .collect();
        let plan = plan.join("\n");
        for table in ["contact", "message"] {
            let whole = plan.lines().any(|line| {
                line.split_once("Seq Scan on ").is_some_and(|(_, rest)| rest.split(' ').next() == Some(table))
            });
            assert!(!whole, "{query}\n{plan}");
        }
    }
}

#[tokio::test]
async fn what_pages_are_shown_is_planned_once_a_connection() {
    let world = World::new().await;
    let account = world.account(pipelines::events::Channel::Site).await;
    let said = world.says(&account, "guest", "1", "Курьер опаздывает").await;
    let message = said.message_id.unwrap();
    // PostgreSQL counts on each connection by itself.
    let pool = PgPoolOptions::new().max_connections(1).connect(world.trial.url.expose_secret()).await.unwrap();
    let store = Store::new(pool, Clock::system());
    for _ in 0..8 {
        view::summaries(&store, &[said.contact_id]).await.unwrap();
        view::readings(&store, &[said.contact_id]).await.unwrap();
        view::messages_by_id(&store, &[(said.customer_id, message)]).await.unwrap();
    }
    let counted = "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements
                   WHERE statement LIKE '%unnest(%' AND statement NOT LIKE '%pg_prepared_statements%'";
    let rows = sqlx::query(counted).fetch_all(store.pool()).await.unwrap();
    assert_eq!(rows.len(), 4, "rows of the list, readings, messages and their files");
    for row in rows {
        let (statement, kept, anew): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
        assert!(kept > 0, "planned {anew} times of {}: {statement}", kept + anew);
    }
}
