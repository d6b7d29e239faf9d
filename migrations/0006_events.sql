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

-- A relay process holds parts for a while and moves their position after what it published was confirmed.
CREATE TABLE relay_part (
    part         smallint PRIMARY KEY CHECK (part BETWEEN 0 AND 63),
    position     bigint NOT NULL DEFAULT 0,
    holder       uuid,
    leased_until timestamptz
);
INSERT INTO relay_part (part) SELECT generate_series(0, 63);

-- Other readers of the log (outgoing webhooks, projections) keep their positions here.
CREATE TABLE consumer_position (
    consumer text NOT NULL,
    part     smallint NOT NULL CHECK (part BETWEEN 0 AND 63),
    position bigint NOT NULL,
    PRIMARY KEY (consumer, part)
);

-- The embedded broker: one row a delivery of a stage's queue.
CREATE TABLE delivery (
    id           uuid PRIMARY KEY,
    stage        text NOT NULL,
    event_id     uuid NOT NULL,
    body         jsonb NOT NULL,                         -- the event as published
    ready_at     timestamptz NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    leased_by    uuid,
    leased_until timestamptz,
    last_error   text,
    UNIQUE (stage, event_id)
);
CREATE INDEX delivery_ready ON delivery (stage, ready_at);

CREATE TABLE dead_delivery (
    id         uuid PRIMARY KEY,
    stage      text NOT NULL,
    event_id   uuid NOT NULL,
    body       jsonb NOT NULL,
    attempts   integer NOT NULL,
    last_error text,
    died_at    timestamptz NOT NULL
);
CREATE INDEX dead_delivery_stage ON dead_delivery (stage, died_at);
