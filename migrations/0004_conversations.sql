-- A contact: one talk on one channel from its opening to its close.
CREATE TABLE contact (
    customer_id    uuid NOT NULL REFERENCES customer,
    id             uuid NOT NULL,
    channel        text NOT NULL CHECK (channel IN ('telegram', 'site', 'app', 'call', 'replay')),
    account_id     uuid NOT NULL REFERENCES channel_account,
    brand_id       uuid NOT NULL REFERENCES brand,
    city_id        uuid REFERENCES city,
    restaurant_id  uuid REFERENCES restaurant,
    thread         text NOT NULL CHECK (length(thread) BETWEEN 1 AND 128),   -- chat id, visitor id, call id at the channel
    state          text NOT NULL CHECK (state IN ('queued', 'offered', 'active', 'held', 'wrap_up', 'closed', 'abandoned')),
    state_since    timestamptz NOT NULL,
    operator_id    uuid REFERENCES operator,
    last_seq       bigint NOT NULL DEFAULT 0,           -- gap-free number of the contact's last event
    opened_at      timestamptz NOT NULL,
    queued_at      timestamptz NOT NULL,
    closed_at      timestamptz,
    waiting_since  timestamptz,                         -- oldest customer message that nobody answered
    last_message_at timestamptz,
    read_seq       bigint NOT NULL DEFAULT 0,           -- how far the owner has read
    -- the latest reading of the contact so far, for lists; the insight rows hold the whole
    language       text CHECK (language IN ('ru', 'kk', 'uz', 'en')),
    topic          text,
    topic_score    real,
    urgency        text CHECK (urgency IN ('critical', 'high', 'normal')),
    urgency_score  real,
    rank           smallint NOT NULL GENERATED ALWAYS AS   -- who is served first: critical, high, the rest
                   (CASE urgency WHEN 'critical' THEN 0 WHEN 'high' THEN 1 ELSE 2 END) STORED,
    sentiment      text CHECK (sentiment IN ('negative', 'neutral', 'positive')),
    sentiment_score real,
    read_as_of     bigint NOT NULL DEFAULT 0,           -- seq that this reading rests on
    outcome        text CHECK (outcome IN ('resolved', 'promised', 'escalated', 'unresolved', 'informed', 'none')),
    PRIMARY KEY (customer_id, id),
    CHECK ((state IN ('offered', 'active', 'held', 'wrap_up')) = (operator_id IS NOT NULL) OR state IN ('closed', 'abandoned'))
);
CREATE UNIQUE INDEX contact_id ON contact (id);
-- one open contact per talk at a channel
CREATE UNIQUE INDEX contact_open_thread ON contact (account_id, thread) WHERE state NOT IN ('closed', 'abandoned');
CREATE INDEX contact_queue ON contact (rank, queued_at, id) WHERE state = 'queued';
CREATE INDEX contact_owner ON contact (operator_id) WHERE state IN ('offered', 'active', 'held', 'wrap_up');
CREATE INDEX contact_latest ON contact (customer_id, opened_at DESC);
CREATE INDEX contact_thread ON contact (account_id, thread, closed_at DESC NULLS FIRST);
CREATE INDEX contact_open ON contact (opened_at DESC, id DESC) WHERE state NOT IN ('closed', 'abandoned');
CREATE INDEX contact_closed ON contact (closed_at DESC, id DESC) WHERE state IN ('closed', 'abandoned');
CREATE INDEX contact_closed_by ON contact (operator_id, closed_at DESC, id DESC) WHERE state IN ('closed', 'abandoned');

-- Every step of a contact's life, kept as long as the contact; the log of events is not.
CREATE TABLE contact_step (
    customer_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    seq         bigint NOT NULL,
    step        text NOT NULL CHECK (step IN ('opened', 'offered', 'taken', 'declined', 'held', 'resumed', 'transferred',
                                              'finished', 'closed', 'reopened', 'abandoned')),
    state       text NOT NULL CHECK (state IN ('queued', 'offered', 'active', 'held', 'wrap_up', 'closed', 'abandoned')),
    operator_id uuid REFERENCES operator,                -- the owner from now on
    actor_id    uuid REFERENCES operator,                -- who took the step; null: the customer or the machine
    at          timestamptz NOT NULL,
    PRIMARY KEY (customer_id, contact_id, seq),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact
);

CREATE TABLE message (
    customer_id   uuid NOT NULL,
    id            uuid NOT NULL,
    contact_id    uuid NOT NULL,
    seq           bigint NOT NULL,                       -- of the event that brought it; its place in the talk
    author        text NOT NULL CHECK (author IN ('customer', 'operator', 'system')),
    operator_id   uuid REFERENCES operator,
    kind          text NOT NULL CHECK (kind IN ('text', 'photo', 'file', 'phone', 'segment', 'note')),
    text          text CHECK (length(text) <= 20000),
    at            timestamptz NOT NULL,                  -- when the channel says it was written
    received_at   timestamptz NOT NULL,
    edited_at     timestamptz,
    edits         integer NOT NULL DEFAULT 0,
    changed_seq   bigint NOT NULL,                       -- seq of the last event that changed this row
    external_id   text,                                  -- the channel's own id, for edits and delivery reports
    delivery      text NOT NULL DEFAULT 'none' CHECK (delivery IN ('none', 'queued', 'sending', 'sent', 'failed', 'unknown')),
    delivery_error text CHECK (delivery_error IN ('blocked', 'gone', 'rejected', 'unreachable', 'interrupted')),
    delivery_since timestamptz,                          -- of the claim while `sending`
    attempt       integer NOT NULL DEFAULT 0,            -- counts claims: an answer of an older one changes nothing
    parts_sent    integer NOT NULL DEFAULT 0,            -- of a text that the channel splits
    segment       jsonb,                                 -- {"v":1,"speaker","start_ms","end_ms"} of a call
    template_id   uuid REFERENCES template,
    suggestion_id uuid,
    PRIMARY KEY (customer_id, id),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact
);
CREATE UNIQUE INDEX message_seq ON message (customer_id, contact_id, seq);
CREATE INDEX message_external ON message (customer_id, contact_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX message_undelivered ON message (customer_id, contact_id, seq) WHERE delivery IN ('queued', 'sending');
CREATE INDEX message_sending ON message (delivery_since) WHERE delivery = 'sending';

-- What was written before an edit.
CREATE TABLE message_edit (
    customer_id uuid NOT NULL,
    message_id  uuid NOT NULL,
    edit        integer NOT NULL,
    text        text,
    until       timestamptz NOT NULL,
    PRIMARY KEY (customer_id, message_id, edit),
    FOREIGN KEY (customer_id, message_id) REFERENCES message
);

CREATE TABLE attachment (
    customer_id uuid NOT NULL,
    id          uuid NOT NULL,
    contact_id  uuid NOT NULL,
    message_id  uuid NOT NULL,
    name        text,
    media_type  text NOT NULL,
    size        bigint NOT NULL CHECK (size >= 0),
    state       text NOT NULL CHECK (state IN ('pending', 'stored', 'too_large', 'failed')),
    source      text,                                    -- the channel's file id while pending
    sha256      bytea CHECK (length(sha256) = 32),
    PRIMARY KEY (customer_id, id),
    FOREIGN KEY (customer_id, message_id) REFERENCES message
);
CREATE INDEX attachment_message ON attachment (customer_id, message_id);
CREATE UNIQUE INDEX attachment_id ON attachment (id);

-- The bytes, once per content and customer, outside the rows that lists read.
CREATE TABLE attachment_content (
    customer_id uuid NOT NULL,
    sha256      bytea NOT NULL CHECK (length(sha256) = 32),
    content     bytea NOT NULL,
    PRIMARY KEY (customer_id, sha256)
);
ALTER TABLE attachment_content ALTER COLUMN content SET STORAGE EXTERNAL;

-- Accepted once: claimed first in the transaction that stores what came. Distributed by account.
CREATE TABLE received (
    account_id  uuid NOT NULL,
    external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 200),
    at          timestamptz NOT NULL,
    customer_id uuid,
    contact_id  uuid,
    message_id  uuid,
    seq         bigint,
    PRIMARY KEY (account_id, external_id)
);
CREATE INDEX received_at ON received (at);

CREATE TABLE draft (
    customer_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator,
    text        text NOT NULL CHECK (length(text) <= 20000),
    saved_at    timestamptz NOT NULL,
    PRIMARY KEY (customer_id, contact_id, operator_id),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact
);

-- How far each telegram account under long polling has been read.
CREATE TABLE channel_position (
    account_id uuid PRIMARY KEY REFERENCES channel_account,
    position   bigint NOT NULL,
    at         timestamptz NOT NULL
);
