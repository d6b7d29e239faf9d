//! The queries of counting, judging and looking use their indexes when there are many contacts and counts.

use jiff::{SignedDuration, Timestamp, ToSpan};
use models::taxonomy::Topic;
use models::trends::Step;
use pipelines::events::Channel;
use pipelines::platform::clock::Clock;
use pipelines::platform::stage::Stage;
use pipelines::platform::store::Store;
use pipelines::trends::contacts::{Behind, contacts};
use pipelines::trends::points::{Period, points};
use pipelines::trends::{Count, Rebuild, Scope, tick};
use pipelines::workforce::Role;
use secrecy::ExposeSecret;
use sqlx::Row;
use sqlx::postgres::PgPoolOptions;

use crate::counting::{reads, ready};
use crate::world::World;

#[tokio::test]
async fn hot_queries_read_no_table_whole() {
    let world = World::new().await;
    let pool = world.store().pool();
    world.account(pipelines::events::Channel::Site).await;
    for statement in [
        "INSERT INTO customer (customer_id, created_at) SELECT md5('c' || n)::uuid, '2026-11-01' FROM generate_series(1, 30000) n",
        "INSERT INTO contact (customer_id, id, channel, account_id, brand_id, thread, state, state_since, opened_at, queued_at,
                              closed_at)
         SELECT md5('c' || n)::uuid, md5('t' || n)::uuid, 'site', a.id, a.brand_id, 't' || n, 'closed', t, t, t, t
         FROM (SELECT n, timestamptz '2026-10-01' + n * interval '2 minutes' AS t FROM generate_series(1, 30000) n) x
         CROSS JOIN channel_account a",
        "INSERT INTO message (customer_id, id, contact_id, seq, author, kind, text, at, received_at, changed_seq)
         SELECT customer_id, id, id, 1, 'customer', 'text', 'x', opened_at, opened_at, 1 FROM contact",
        "INSERT INTO insight (customer_id, id, contact_id, message_id, as_of_seq, model, version, abstained, sentiment, urgency,
                              language, result, latency_us, made_at)
         SELECT customer_id, id, id, id, 1, 'm', '1', true, 'neutral', 'normal', 'ru',
                '{\"entities\": [{\"type\": \"dish\", \"text\": \"x\"}]}', 1, opened_at FROM contact",
        "INSERT INTO trend_contact (customer_id, contact_id, at, day, city_id, channel, restaurant_id, topics, dish)
         SELECT customer_id, id, date_bin('5 minutes', opened_at, 'epoch'), opened_at::date, md5('')::uuid, 'site', md5('')::uuid,
                ARRAY['complaint.app'], CASE WHEN get_byte(decode(md5(id::text), 'hex'), 0) < 26 THEN 'soup' ELSE '' END
         FROM contact",
        "INSERT INTO trend_count (at, topic, city_id, channel, restaurant_id, day, n)
         SELECT at, topic, md5('ci' || c)::uuid, 'site', md5('')::uuid, at::date, 1
         FROM generate_series(timestamptz '2026-10-01', '2026-11-12', interval '5 minutes') at,
              unnest(ARRAY['', 'complaint.app', 'complaint.payment']) topic, generate_series(1, 5) c",
        "INSERT INTO summary (customer_id, contact_id, version, as_of_seq, turns, reason, language, topic, outcome, support,
                              made_at, changed_at)
         SELECT customer_id, id, 1, 1, 1, 'closed', 'ru', 'complaint.app', 'promised', 0.9, opened_at, opened_at FROM contact",
        "INSERT INTO summary_fact (customer_id, contact_id, n, kind, type, message_id, said_at, due_at)
         SELECT customer_id, id, n, 'promise', 'refund', id, opened_at, opened_at + interval '1 hour'
         FROM contact, generate_series(1, 3) n",
        "INSERT INTO trend_series (step, topic, state) SELECT '1h', 'x' || n, '' FROM generate_series(1, 300) n",
        "INSERT INTO trend_point (series_id, at, n, alert, gap)
         SELECT id, at, 1, false, false FROM trend_series, generate_series(timestamptz '2026-10-20', '2026-11-01', interval '1 hour') at",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    sqlx::query("ANALYZE").execute(pool).await.unwrap();
    for query in [
        // judging a step
        "SELECT topic, city_id, channel, restaurant_id, sum(n) FROM trend_count
         WHERE at >= '2026-11-05T10:00:00Z' AND at < '2026-11-05T11:00:00Z' GROUP BY 1, 2, 3, 4",
        // a series that nobody judges
        "SELECT at, sum(n) FROM trend_count WHERE at >= '2026-11-01' AND at < '2026-11-02' AND topic = 'complaint.app' GROUP BY 1",
        // a chart
        "SELECT p.at FROM trend_series s JOIN trend_point p ON p.series_id = s.id
         WHERE s.step = '1h' AND s.topic = ANY('{x7,x9}') AND p.at >= '2026-10-25' AND p.at < '2026-10-26'",
        // behind a point
        "SELECT contact_id FROM trend_contact WHERE at >= '2026-11-05T10:00:00Z' AND at < '2026-11-05T11:00:00Z'
         ORDER BY at DESC, contact_id DESC LIMIT 51",
        // those of a dish in an alert's time and the same hours of the weeks before
        "SELECT w.back, t.topic, k.dish, count(*) FROM generate_series(0, 4) w (back)
         JOIN trend_contact k ON k.dish <> '' AND k.at >= timestamptz '2026-11-05T10:00:00Z' - make_interval(weeks => w.back)
           AND k.at < timestamptz '2026-11-05T13:00:00Z' - make_interval(weeks => w.back)
         CROSS JOIN LATERAL unnest(k.topics) t (topic) WHERE t.topic LIKE 'complaint.%' GROUP BY 1, 2, 3",
        // what contacts say of dishes
        "SELECT c.id, e->>'text', o.id FROM (SELECT md5('c' || n)::uuid AS customer, md5('t' || n)::uuid AS id
                                             FROM generate_series(1, 20) n) w
         JOIN contact c ON c.customer_id = w.customer AND c.id = w.id
         JOIN insight i ON i.customer_id = c.customer_id AND i.contact_id = c.id AND i.message_id IS NOT NULL
         JOIN message m ON m.customer_id = i.customer_id AND m.id = i.message_id
         CROSS JOIN LATERAL jsonb_array_elements(i.result->'entities') e
         LEFT JOIN LATERAL (SELECT o.id FROM customer_order o WHERE o.customer_id = c.customer_id AND o.placed_at <= c.opened_at
                            ORDER BY o.placed_at DESC, o.id DESC LIMIT 1) o ON true WHERE e->>'type' = 'dish'",
        // what was given, and what became of promises
        "SELECT type, count(*) FROM summary_given WHERE said_at >= '2026-11-05' AND said_at < '2026-11-06' GROUP BY 1",
        "SELECT type, count(returned_at) FROM summary_promise WHERE said_at >= '2026-11-05' AND said_at < '2026-11-06' GROUP BY 1",
        // facts of the version before
        "SELECT DISTINCT customer_id, contact_id FROM summary_fact WHERE said_at IS NULL ORDER BY 1, 2 LIMIT 500",
        // a correction
        "SELECT p.n FROM trend_point p WHERE (p.series_id, p.at) IN (SELECT id, timestamptz '2026-10-25' FROM trend_series LIMIT 6)",
        // a recount
        "SELECT c.id FROM contact c CROSS JOIN LATERAL (SELECT m.received_at FROM message m WHERE m.customer_id = c.customer_id
           AND m.contact_id = c.id AND m.author = 'customer' ORDER BY m.seq LIMIT 1) f
         WHERE c.opened_at >= '2026-11-01' AND c.opened_at < '2026-11-01T06:00:00Z'",
    ] {
        let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN {query}"))).fetch_all(pool).await.unwrap();
        let plan = plan.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n");
        for table in LARGE.into_iter().chain(["summary", "summary_fact"]) {
            let whole = plan.lines().any(|line| {
                line.split_once("Seq Scan on ").is_some_and(|(_, rest)| rest.split(' ').next() == Some(table))
            });
            assert!(!whole, "{query}\n{plan}");
        }
    }
}

const NOW: &str = "2026-11-20T10:02:00Z";

/// A million counts and a million counted contacts of seventy days; of those of the last twenty the talks are there too.
async fn fill(world: &World) {
    let pool = world.store().pool();
    let words: Vec<&str> = std::iter::once("").chain(Topic::ALL.iter().copied().map(Topic::as_str)).take(12).collect();
    for statement in [
        "INSERT INTO trend_count (at, topic, city_id, channel, restaurant_id, day, n)
         SELECT at, topic, '00000000-0000-0000-0000-000000000000'::uuid, channel, '00000000-0000-0000-0000-000000000000'::uuid, at::date, 2
         FROM generate_series(timestamptz '2026-09-11T10:00:00Z', '2026-11-20T09:55:00Z', interval '5 minutes') at,
              unnest($1::text[]) topic, unnest(ARRAY['telegram', 'site', 'app', 'call']) channel",
        "INSERT INTO trend_series (step, topic, channel, state, steps)
         SELECT '1h', topic, channel, '', 500 FROM unnest($1::text[]) topic, unnest(ARRAY['telegram', 'site', 'app']) channel",
    ] {
        sqlx::query(statement).bind(&words).execute(pool).await.unwrap();
    }
    // what a contact was counted as refers to the contact; most of these have none, which is as large and quicker to make
    let mut conn = pool.acquire().await.unwrap();
    for statement in [
        "SET session_replication_role = replica",
        "INSERT INTO trend_contact (customer_id, contact_id, at, day, city_id, channel, restaurant_id, topics)
         SELECT md5('c' || n)::uuid, md5('t' || n)::uuid, at, at::date, '00000000-0000-0000-0000-000000000000'::uuid, 'site', '00000000-0000-0000-0000-000000000000'::uuid,
                ARRAY['complaint.app']
         FROM (SELECT n, date_bin('5 minutes', timestamptz '2026-11-20T09:55:00Z' - n * interval '6 seconds', 'epoch') AS at
               FROM generate_series(1, 1000000) n) x",
        "INSERT INTO customer (customer_id, created_at)
         SELECT md5('c' || n)::uuid, '2026-11-01' FROM generate_series(1, 100000) n",
        "INSERT INTO contact (customer_id, id, channel, account_id, brand_id, thread, state, state_since, opened_at, queued_at,
                              closed_at)
         SELECT md5('c' || n)::uuid, md5('t' || n)::uuid, 'site', a.id, a.brand_id, 't' || n, 'closed', t, t, t, t
         FROM (SELECT n, timestamptz '2026-11-20T09:55:00Z' - n * interval '17 seconds' AS t FROM generate_series(1, 100000) n) x
         CROSS JOIN (SELECT id, brand_id FROM channel_account LIMIT 1) a",
        "INSERT INTO message (customer_id, id, contact_id, seq, author, kind, text, at, received_at, changed_seq)
         SELECT customer_id, id, id, 2, 'customer', 'text', 'x', opened_at, opened_at, 2 FROM contact WHERE thread LIKE 't%'",
        "INSERT INTO insight (customer_id, id, contact_id, as_of_seq, model, version, topic, abstained, sentiment, urgency,
                              language, result, latency_us, made_at)
         SELECT customer_id, id, id, 2, 'm', '1', 'complaint.app', false, 'neutral', 'normal', 'ru',
                '{\"v\": 1, \"topics\": [{\"value\": \"complaint.app\", \"score\": 0.9}]}', 1, opened_at
         FROM contact WHERE thread LIKE 't%'",
        "INSERT INTO trend_point (series_id, at, n, alert, gap)
         SELECT id, at, 1, false, false FROM trend_series,
           generate_series(timestamptz '2026-09-11T10:00:00Z', '2026-11-20T08:00:00Z', interval '1 hour') at",
        // all but the last step of each is judged; the day that goes on is not over
        "INSERT INTO trend_clock (step, upto) VALUES ('5m', '2026-11-20T09:55:00Z'), ('15m', '2026-11-20T09:45:00Z'),
           ('1h', '2026-11-20T09:00:00Z'), ('1d', '2026-11-20'), ('1w', '2026-11-16')",
        "SET session_replication_role = DEFAULT",
    ] {
        sqlx::query(statement).execute(&mut *conn).await.unwrap();
    }
    sqlx::query("ANALYZE").execute(&mut *conn).await.unwrap();
}

const LARGE: [&str; 6] = ["contact", "insight", "message", "trend_contact", "trend_count", "trend_point"];

/// How often each large table was read from end to end, and how many entries of its indexes: the server's own counters.
async fn read(store: &Store) -> Vec<(String, i64, i64)> {
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(store.pool()).await.unwrap();
    sqlx::query_as(
        "SELECT t.relname::text, t.seq_scan, sum(i.idx_tup_read)::bigint
         FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid)
         WHERE t.relname = ANY($1) GROUP BY 1, 2 ORDER BY 1",
    )
    .bind(LARGE.as_slice())
    .fetch_all(store.pool())
    .await
    .unwrap()
}

#[tokio::test]
async fn of_a_million_counted_contacts_a_count_a_tick_and_a_look_read_a_few() {
    let now: Timestamp = NOW.parse().unwrap();
    let world = World::at(Clock::fixed(now, 9)).await;
    let account = world.account(Channel::Site).await;
    let analyst = world.person("analyst", 0, &[Role::Analyst]).await;
    fill(&world).await;
    // one connection, so that its counters are complete when it is asked
    let pool = PgPoolOptions::new().max_connections(1).connect(world.trial.url.expose_secret()).await.unwrap();
    let store = Store::new(pool, world.store().clock().clone());
    let mut before = read(&store).await;
    assert_eq!(before.len(), LARGE.len());
    let mut holds = async |what: &str, most: i64| {
        let after = read(&store).await;
        for ((table, scans, entries), (_, scans_before, entries_before)) in after.iter().zip(&before) {
            assert_eq!(scans, scans_before, "{what}: {table} was read from end to end");
            let entries = entries - entries_before;
            assert!(entries <= most, "{what}: {entries} entries of indexes of {table} were read");
        }
        before = after;
    };

    let stage = Count::new(store.clone());
    let said = world.says(&account, "100", "1", "приложение не открывается").await;
    for topics in [&[Topic::App][..], &[Topic::Payment, Topic::App]] {
        reads(&world, &said, topics, false).await;
        stage.run(&ready(&world, &said)).await.unwrap();
        holds("a count and its correction", 100).await;
    }
    world.store().clock().advance(SignedDuration::from_mins(1));
    assert_eq!(tick(&store).await.unwrap(), 3);
    // two readings of the counts of an hour, and no more
    holds("a tick", 4_000).await;

    let scope = Scope { topic: Some(Topic::App), channel: Some(Channel::Site), ..Scope::default() };
    let period = Period { from: now.checked_sub(6.hours()).ok(), to: Some(now) };
    points(&store, &analyst, Step::Hour, period, scope).await.unwrap();
    points(&store, &analyst, Step::FiveMinutes, period, scope).await.unwrap();
    holds("a chart", 4_000).await;
    let page = contacts(&store, &analyst, (Step::Hour, Behind::Period(period)), scope, None, Default::default()).await;
    assert!(!page.unwrap().items.is_empty());
    holds("the contacts behind it", 500).await;
    let day = "2026-11-19".parse().unwrap();
    assert!(Rebuild::begin(&store, day, day).await.unwrap().step().await.unwrap());
    holds("six hours of a recount", 60_000).await;
}
