-- What happened in a contact as it is known now: one row a contact, what lists filter by.
CREATE TABLE summary (
    customer_id  uuid NOT NULL,
    contact_id   uuid NOT NULL,
    version      integer NOT NULL CHECK (version > 0),   -- the current one of summary_version
    as_of_seq    bigint NOT NULL,                        -- rests on what was said up to this event
    turns        integer NOT NULL CHECK (turns > 0),     -- so many it rests on
    reason       text NOT NULL CHECK (reason IN ('closed', 'transferred', 'asked', 'rolling', 'edited')),
    language     text NOT NULL CHECK (language IN ('ru', 'kk', 'uz', 'en')),
    topic        text,                                   -- the main one; null: there was no matter
    outcome      text NOT NULL CHECK (outcome IN ('resolved', 'promised', 'escalated', 'unresolved', 'informed', 'none')),
    support      real NOT NULL CHECK (support BETWEEN 0 AND 1),
    distance     integer CHECK (distance >= 0),          -- characters that a person changed; null: as the model wrote it
    edited       boolean NOT NULL GENERATED ALWAYS AS (distance IS NOT NULL) STORED,
    operator_id  uuid REFERENCES operator,               -- who had the contact last when this version came
    confirmed_by uuid REFERENCES operator,
    confirmed_at timestamptz,
    verdict      text CHECK (verdict IN ('correct', 'wrong', 'incomplete')),   -- the last on this version
    made_at      timestamptz NOT NULL,                   -- of the first version
    changed_at   timestamptz NOT NULL,                   -- of the current one
    PRIMARY KEY (customer_id, contact_id),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact,
    CHECK ((reason = 'edited') = edited),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
);
CREATE INDEX summary_of_customer ON summary (customer_id, changed_at DESC, contact_id DESC);
-- the list of quality, newest first, and what it is narrowed to
CREATE INDEX summary_latest ON summary (changed_at DESC, contact_id DESC);
CREATE INDEX summary_operator ON summary (operator_id, changed_at DESC, contact_id DESC);
CREATE INDEX summary_topic ON summary (topic, changed_at DESC, contact_id DESC);
CREATE INDEX summary_edited ON summary (changed_at DESC, contact_id DESC) WHERE edited;
CREATE INDEX summary_unjudged ON summary (changed_at DESC, contact_id DESC) WHERE verdict IS NULL;

-- What the models wrote and what people made of it; nothing here is ever changed.
CREATE TABLE summary_version (
    customer_id   uuid NOT NULL,
    contact_id    uuid NOT NULL,
    version       integer NOT NULL CHECK (version > 0),
    as_of_seq     bigint NOT NULL,
    reason        text NOT NULL CHECK (reason IN ('closed', 'transferred', 'asked', 'rolling', 'edited')),
    model         text NOT NULL,                         -- of an edit: the model that wrote what was edited
    model_version text NOT NULL,
    operator_id   uuid REFERENCES operator,              -- who edited
    account       jsonb NOT NULL,                        -- {"v":1,…}, as annotation.md has it
    messages      uuid[] NOT NULL,                       -- of each turn that the account counts
    distance      integer CHECK (distance >= 0),         -- of an edit from what the model wrote, in characters
    latency_us    bigint NOT NULL,                       -- of the model; of an edit 0
    at            timestamptz NOT NULL,
    PRIMARY KEY (customer_id, contact_id, version),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact,
    CHECK ((reason = 'edited') = (operator_id IS NOT NULL)),
    CHECK ((reason = 'edited') = (distance IS NOT NULL))
);

-- The facts of the current version, to be counted: what was given, what was promised and until when.
CREATE TABLE summary_fact (
    customer_id  uuid NOT NULL,
    contact_id   uuid NOT NULL,
    n            integer NOT NULL,                       -- its place in the account
    kind         text NOT NULL CHECK (kind IN ('request', 'proposal', 'action', 'promise')),
    type         text NOT NULL,
    amount       text,                                   -- as a turn has it
    amount_minor bigint,                                 -- where it is a sum of money that can be read
    currency     text CHECK (currency IN ('RUB', 'KZT', 'UZS')),
    due          text,
    code         text,
    accepted     boolean,
    message_id   uuid NOT NULL,                          -- where it is said most fully
    PRIMARY KEY (customer_id, contact_id, n),
    FOREIGN KEY (customer_id, contact_id) REFERENCES summary,
    CHECK ((amount_minor IS NULL) = (currency IS NULL))
);

-- What the quality team said of a version; the last word on it also stands in its summary.
CREATE TABLE summary_verdict (
    customer_id uuid NOT NULL,
    id          uuid NOT NULL,
    contact_id  uuid NOT NULL,
    version     integer NOT NULL,
    verdict     text NOT NULL CHECK (verdict IN ('correct', 'wrong', 'incomplete')),
    field       text CHECK (field IN ('topics', 'issue', 'request', 'actions', 'promises', 'outcome', 'text', 'facts')),
    comment     text CHECK (length(comment) BETWEEN 1 AND 2000),
    operator_id uuid NOT NULL REFERENCES operator,
    at          timestamptz NOT NULL,
    PRIMARY KEY (customer_id, id),
    FOREIGN KEY (customer_id, contact_id, version) REFERENCES summary_version,
    CHECK (verdict <> 'correct' OR field IS NULL)
);
CREATE INDEX summary_verdict_of ON summary_verdict (customer_id, contact_id, version);
