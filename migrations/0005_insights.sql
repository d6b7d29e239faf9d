CREATE TABLE insight (
    customer_id uuid NOT NULL,
    id          uuid NOT NULL,
    contact_id  uuid NOT NULL,
    message_id  uuid,                                    -- null: the contact so far
    as_of_seq   bigint NOT NULL,                         -- rests on the contact up to this event
    model       text NOT NULL,
    version     text NOT NULL,
    topic       text,
    class       text,
    abstained   boolean NOT NULL,
    sentiment   text NOT NULL,
    urgency     text NOT NULL,
    language    text NOT NULL,
    result      jsonb NOT NULL,                          -- the whole reading with its scores, {"v":1,…}
    corrected   jsonb NOT NULL DEFAULT '{"v": 1}',       -- {"topic","sentiment","urgency","language"} where a person knew better
    latency_us  bigint NOT NULL,
    made_at     timestamptz NOT NULL,
    PRIMARY KEY (customer_id, id),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact
);
-- one reading a message, one of the contact so far; a newer one replaces an older one, never the other way
CREATE UNIQUE INDEX insight_message ON insight (customer_id, contact_id, message_id) WHERE message_id IS NOT NULL;
CREATE UNIQUE INDEX insight_contact ON insight (customer_id, contact_id) WHERE message_id IS NULL;

CREATE TABLE suggestion (
    customer_id uuid NOT NULL,
    id          uuid NOT NULL,
    contact_id  uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('reply', 'warning', 'offer')),
    text        text NOT NULL,
    evidence    jsonb NOT NULL,                          -- {"v":1,"of":[{"kind","id","label"}]}
    as_of_seq   bigint NOT NULL,
    made_at     timestamptz NOT NULL,
    PRIMARY KEY (customer_id, id),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact
);
CREATE INDEX suggestion_contact ON suggestion (customer_id, contact_id, as_of_seq DESC);

-- What a person did with what a model said: the training data of tomorrow.
CREATE TABLE verdict (
    customer_id   uuid NOT NULL,
    id            uuid NOT NULL,
    contact_id    uuid NOT NULL,
    insight_id    uuid,
    suggestion_id uuid,
    field         text CHECK (field IN ('topic', 'sentiment', 'urgency', 'language')),
    said          jsonb NOT NULL,
    act           text NOT NULL CHECK (act IN ('corrected', 'used', 'edited', 'dismissed')),
    corrected     jsonb,
    operator_id   uuid NOT NULL REFERENCES operator,
    at            timestamptz NOT NULL,
    PRIMARY KEY (customer_id, id),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact,
    CHECK (num_nonnulls(insight_id, suggestion_id) = 1),
    CHECK ((act = 'corrected') = (insight_id IS NOT NULL))
);
CREATE INDEX verdict_contact ON verdict (customer_id, contact_id);
