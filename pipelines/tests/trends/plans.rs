//! The queries of counting, judging and looking use their indexes when there are many contacts and counts.

use sqlx::Row;

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
        // a correction
        "SELECT p.n FROM trend_point p WHERE (p.series_id, p.at) IN (SELECT id, timestamptz '2026-10-25' FROM trend_series LIMIT 6)",
        // a recount
        "SELECT c.id FROM contact c CROSS JOIN LATERAL (SELECT m.received_at FROM message m WHERE m.customer_id = c.customer_id
           AND m.contact_id = c.id AND m.author = 'customer' ORDER BY m.seq LIMIT 1) f
         WHERE c.opened_at >= '2026-11-01' AND c.opened_at < '2026-11-01T06:00:00Z'",
    ] {
        let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN {query}"))).fetch_all(pool).await.unwrap();
        let plan = plan.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n");
        for table in ["contact", "message", "insight", "trend_contact", "trend_count", "trend_point"] {
            let whole = plan.lines().any(|line| {
                line.split_once("Seq Scan on ").is_some_and(|(_, rest)| rest.split(' ').next() == Some(table))
            });
            assert!(!whole, "{query}\n{plan}");
        }
    }
}
