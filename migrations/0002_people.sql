-- Operators and what they did. Not distributed.

CREATE TABLE operator (
    id            uuid PRIMARY KEY,
    login         text NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9._-]{1,64}$'),
    name          text NOT NULL,
    password_hash text NOT NULL,                      -- argon2id, PHC string
    roles         text[] NOT NULL CHECK (roles <@ ARRAY['operator', 'quality', 'analyst', 'admin'] AND cardinality(roles) > 0),
    languages     text[] NOT NULL CHECK (languages <@ ARRAY['ru', 'kk', 'uz', 'en']),
    capacity      integer NOT NULL CHECK (capacity BETWEEN 0 AND 50),
    active        boolean NOT NULL DEFAULT true,
    preferences   jsonb NOT NULL DEFAULT '{"v": 1}',
    created_at    timestamptz NOT NULL
);

CREATE TABLE presence (
    operator_id uuid PRIMARY KEY REFERENCES operator,
    state       text NOT NULL CHECK (state IN ('offline', 'ready', 'break', 'after_work')),
    since       timestamptz NOT NULL,
    open        integer NOT NULL DEFAULT 0 CHECK (open >= 0)   -- contacts owned now; the row is locked to take one more
);

-- Presence and capacity over time: figures of the workforce are computed from these rows and nothing else.
CREATE TABLE presence_event (
    operator_id uuid NOT NULL REFERENCES operator,
    at          timestamptz NOT NULL,
    id          uuid NOT NULL,
    state       text NOT NULL CHECK (state IN ('offline', 'ready', 'break', 'after_work')),
    capacity    integer NOT NULL,
    actor_id    uuid REFERENCES operator,
    PRIMARY KEY (operator_id, at, id)
);

CREATE TABLE session (
    token_sha256 bytea PRIMARY KEY CHECK (length(token_sha256) = 32),
    operator_id  uuid NOT NULL REFERENCES operator,
    created_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX session_operator ON session (operator_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE audit (
    id          uuid PRIMARY KEY,                     -- version 7, so the key is the order of time
    at          timestamptz NOT NULL,
    operator_id uuid REFERENCES operator,
    action      text NOT NULL,                        -- for example session.opened, customer.card_read, template.changed
    object_kind text,
    object_id   text,
    detail      jsonb NOT NULL DEFAULT '{"v": 1}',    -- never text that a customer wrote
    request_id  text
);
CREATE INDEX audit_object ON audit (object_kind, object_id, id DESC);
CREATE INDEX audit_operator ON audit (operator_id, id DESC);

-- One answer for a repeated write.
CREATE TABLE idempotent_write (
    operator_id uuid NOT NULL REFERENCES operator,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 64),
    request     bytea NOT NULL CHECK (length(request) = 32),   -- SHA-256 of method, path and body
    status      smallint NOT NULL,
    answer      jsonb NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (operator_id, key)
);
CREATE INDEX idempotent_write_at ON idempotent_write (at);
