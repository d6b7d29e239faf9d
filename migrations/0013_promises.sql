-- When a fact was said, and until when what was promised is due. The version before stores neither: its facts are dated
-- by whoever runs this one, and so are those that stand.
ALTER TABLE summary_fact ADD COLUMN said_at timestamptz;   -- when its message came; null: not dated yet
ALTER TABLE summary_fact ADD COLUMN due_at timestamptz;    -- `due` as an instant; null: it names none that can be read
CREATE INDEX summary_fact_said ON summary_fact (said_at) WHERE kind <> 'request';
CREATE INDEX summary_fact_undated ON summary_fact (customer_id, contact_id) WHERE said_at IS NULL;

-- Facts that are counted, each with where its contact belongs, as trends have it. Each is looked up by its key, however
-- many facts there are: whole tables are read for nobody's figure.
CREATE VIEW summary_fact_placed AS
SELECT f.*, coalesce(f.amount_minor::text || f.currency, lower(f.amount)) AS what, s.topic, c.channel, p.city_id,
       p.restaurant_id, (SELECT city.zone FROM city WHERE city.id = p.city_id) AS zone
FROM summary_fact f
CROSS JOIN LATERAL (
  SELECT topic FROM summary s WHERE s.customer_id = f.customer_id AND s.contact_id = f.contact_id LIMIT 1
) s
CROSS JOIN LATERAL (
  SELECT channel, city_id, restaurant_id FROM contact c WHERE c.customer_id = f.customer_id AND c.id = f.contact_id LIMIT 1
) c
LEFT JOIN LATERAL (
  SELECT nullif(k.city_id, '00000000-0000-0000-0000-000000000000') AS city_id,
         nullif(k.restaurant_id, '00000000-0000-0000-0000-000000000000') AS restaurant_id
  FROM trend_contact k WHERE k.customer_id = f.customer_id AND k.contact_id = f.contact_id LIMIT 1
) k ON true
CROSS JOIN LATERAL (
  SELECT coalesce(k.city_id, c.city_id) AS city_id, coalesce(k.restaurant_id, c.restaurant_id) AS restaurant_id
) p
WHERE f.kind <> 'request' AND f.said_at IS NOT NULL;

-- Compensation: what was done, promised, or offered and taken, to make up for something. Of one contact each type and
-- amount once, done before promised before offered; without an amount only where no other of its type has one.
CREATE VIEW summary_given AS
SELECT f.*,
       f.kind = 'action' OR coalesce((
         SELECT true FROM summary_fact d
         WHERE d.customer_id = f.customer_id AND d.contact_id = f.contact_id AND d.type = f.type AND d.kind = 'action'
           AND coalesce(coalesce(d.amount_minor::text || d.currency, lower(d.amount)) = f.what, true)
         LIMIT 1
       ), false) AS done
FROM summary_fact_placed f
WHERE f.type IN ('refund', 'redelivery', 'replacement', 'bonus', 'promo_code', 'discount', 'gift')
  AND (f.kind IN ('action', 'promise') OR f.kind = 'proposal' AND f.accepted)
  -- a subquery that is looked up fact by fact, where NOT EXISTS may be joined whole
  AND (
    SELECT true FROM summary_fact b
    CROSS JOIN LATERAL (SELECT coalesce(b.amount_minor::text || b.currency, lower(b.amount)) AS what) w
    WHERE b.customer_id = f.customer_id AND b.contact_id = f.contact_id AND b.type = f.type
      AND (b.kind IN ('action', 'promise') OR b.kind = 'proposal' AND b.accepted)
      AND (w.what IS NOT NULL AND f.what IS NULL
           -- 'action' < 'promise' < 'proposal'
           OR w.what IS NOT DISTINCT FROM f.what AND (b.kind, b.n) < (f.kind, f.n))
    LIMIT 1
  ) IS NULL;

-- Promises, and the first message after the due time and within seven days of it in which the customer, under any of the
-- identities linked to theirs, writes of the same matter: read as the main topic of the contact in which it was promised,
-- or with an order number that was named there before the time was due.
CREATE VIEW summary_promise AS
SELECT f.*, r.at AS returned_at
FROM summary_fact_placed f
LEFT JOIN LATERAL (
  SELECT m.received_at AS at
  FROM (
    WITH RECURSIVE reached (id) AS (
      SELECT f.customer_id
      UNION
      SELECT next.id FROM reached CROSS JOIN LATERAL (
        SELECT linked_id AS id FROM customer_link WHERE customer_id = reached.id AND ended_at IS NULL
        UNION ALL
        SELECT customer_id FROM customer_link WHERE linked_id = reached.id AND ended_at IS NULL
      ) next
    )
    SELECT id FROM reached LIMIT 100
  ) person
  JOIN contact c ON c.customer_id = person.id AND c.opened_at <= f.due_at + interval '7 days'
    AND (c.closed_at IS NULL OR c.closed_at > f.due_at)
  JOIN message m ON m.customer_id = c.customer_id AND m.contact_id = c.id AND m.author = 'customer'
    AND m.received_at > f.due_at AND m.received_at <= f.due_at + interval '7 days'
  JOIN insight i ON i.customer_id = m.customer_id AND i.contact_id = m.contact_id AND i.message_id = m.id
  WHERE coalesce(i.corrected->>'topic', i.topic) = f.topic
     OR EXISTS (
       SELECT FROM jsonb_array_elements(i.result->'entities') named
       JOIN message was ON was.customer_id = f.customer_id AND was.contact_id = f.contact_id
         AND was.received_at <= f.due_at
       JOIN insight o ON o.customer_id = was.customer_id AND o.contact_id = was.contact_id AND o.message_id = was.id
       CROSS JOIN LATERAL jsonb_array_elements(o.result->'entities') before
       WHERE named->>'type' = 'order_number' AND before->>'type' = 'order_number'
         AND named->>'text' = before->>'text'
     )
  ORDER BY m.received_at LIMIT 1
) r ON f.due_at IS NOT NULL
WHERE f.kind = 'promise';
