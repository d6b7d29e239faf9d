-- The event log is the outbox. Written only inside the transaction that changes state, read by position.
-- A part (customer hash) has a gap-free position of its own: the row of log_part is locked from the append to the
-- commit, so a reader that has seen position n of a part has seen all before it.
CREATE TABLE log_part (
    part     smallint PRIMARY KEY CHECK (part BETWEEN 0 AND 63),
    position bigint NOT NULL DEFAULT 0
);
INSERT INTO log_part (part) SELECT generate_series(0, 63);

-- Partitioned by day, partitions made ahead and dropped after 35 days by the housekeeping of platform/log.
CREATE TABLE event (
    part        smallint NOT NULL,
    position    bigint NOT NULL,
    at          timestamptz NOT NULL,
    id          uuid NOT NULL,
    type        text NOT NULL,
    v           smallint NOT NULL,
    customer_id uuid NOT NULL,
    contact_id  uuid,
    seq         bigint,                                  -- gap-free per contact
    actor_id    uuid,                                    -- the operator who did it; null: customer or machine
    data        jsonb NOT NULL,                          -- ids, states, numbers; never text
    PRIMARY KEY (part, position, at)
) PARTITION BY RANGE (at);
CREATE INDEX event_contact ON event (contact_id, seq) WHERE contact_id IS NOT NULL;
CREATE TABLE event_default PARTITION OF event DEFAULT;

-- Relays that are at work now; the parts are shared out evenly among them.
CREATE TABLE relay (
    id         uuid PRIMARY KEY,
    seen_until timestamptz NOT NULL
);

-- A relay holds parts for a while and moves their position after what it published was confirmed.
CREATE TABLE relay_part (
    part         smallint PRIMARY KEY CHECK (part BETWEEN 0 AND 63),
    position     bigint NOT NULL DEFAULT 0,
    holder       uuid,
    leased_until timestamptz,
    CHECK ((holder IS NULL) = (leased_until IS NULL))
);
INSERT INTO relay_part (part) SELECT generate_series(0, 63);

-- Other readers of the log (outgoing webhooks, projections) keep their positions here.
CREATE TABLE consumer_position (
    consumer text NOT NULL,
    part     smallint NOT NULL CHECK (part BETWEEN 0 AND 63),
    position bigint NOT NULL,
    PRIMARY KEY (consumer, part)
);

-- The embedded broker: one row a delivery of a stage's queue. Rows live for moments, so vacuum comes often.
CREATE TABLE delivery (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,   -- the order of publishing
    stage        text NOT NULL,
    event_id     uuid NOT NULL,
    body         jsonb NOT NULL,                         -- the event as published
    ready_at     timestamptz NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    leased_by    uuid,
    leased_until timestamptz,
    last_error   text,
    UNIQUE (stage, event_id),
    CHECK ((leased_by IS NULL) = (leased_until IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX delivery_ready ON delivery (stage, ready_at, number);

-- What was given up, until a person redrives it.
CREATE TABLE dead_delivery (
    stage      text NOT NULL,
    event_id   uuid NOT NULL,
    body       jsonb NOT NULL,
    attempts   integer NOT NULL,
    last_error text,
    died_at    timestamptz NOT NULL,
    PRIMARY KEY (stage, event_id)
);
