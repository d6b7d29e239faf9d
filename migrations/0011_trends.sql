-- What each contact has been counted as. What it is now is counted by moving the difference, so an event that comes
-- twice or late counts once. A nil id stands for "none": keys hold no nulls.
CREATE TABLE trend_contact (
    customer_id   uuid NOT NULL,
    contact_id    uuid NOT NULL,
    at            timestamptz NOT NULL,                  -- the five minutes of its first customer message
    day           date NOT NULL,                         -- the same in the local time of its city
    city_id       uuid NOT NULL,
    channel       text NOT NULL CHECK (channel IN ('telegram', 'site', 'app', 'call', 'replay')),
    restaurant_id uuid NOT NULL,                         -- its own, else the kitchen of the order of the day before
    topics        text[] NOT NULL,                       -- each once, sorted
    PRIMARY KEY (customer_id, contact_id),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact
);
CREATE INDEX trend_contact_at ON trend_contact (at DESC, contact_id DESC);

-- for recounts
CREATE INDEX contact_opened ON contact (opened_at);

-- Contacts counted: once under '' whatever they are about, and once under each of their topics. Of no customer.
CREATE TABLE trend_count (
    at            timestamptz NOT NULL,
    topic         text NOT NULL,
    city_id       uuid NOT NULL,
    channel       text NOT NULL,
    restaurant_id uuid NOT NULL,
    day           date NOT NULL,
    n             integer NOT NULL,                      -- never below zero
    PRIMARY KEY (at, topic, city_id, channel, restaurant_id)
) WITH (fillfactor = 80);
CREATE INDEX trend_count_topic ON trend_count (topic, at);

-- Series that are judged, each in one step. A null means any; the topic '' means whatever they are about.
CREATE TABLE trend_series (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    step          text NOT NULL CHECK (step IN ('5m', '15m', '1h', '1d', '1w')),
    topic         text NOT NULL,
    city_id       uuid REFERENCES city,
    channel       text CHECK (channel IN ('telegram', 'site', 'app', 'call', 'replay')),
    restaurant_id uuid REFERENCES restaurant,
    state         bytea NOT NULL,                        -- the model, packed
    steps         bigint NOT NULL DEFAULT 0,             -- so many it has seen
    weight        real NOT NULL DEFAULT 1 CHECK (weight > 0 AND weight <= 1),   -- share of the false-discovery rate
    muted_until   timestamptz
);
CREATE UNIQUE INDEX trend_series_of ON trend_series (step, topic, city_id, channel, restaurant_id) NULLS NOT DISTINCT;

-- Verdicts on steps that are over. Days and weeks bear their local date as midnight UTC.
CREATE TABLE trend_point (
    series_id     bigint NOT NULL REFERENCES trend_series ON DELETE CASCADE,
    at            timestamptz NOT NULL,
    n             integer NOT NULL,                      -- moves with corrections; the verdict stays as it was given
    expected      real,                                  -- null: the step was not judged
    lower         real,
    upper         real,
    p             double precision,
    alert         boolean NOT NULL,                      -- the series was in an incident
    gap           boolean NOT NULL,                      -- the feed stood still: nothing was to be counted
    PRIMARY KEY (series_id, at),
    CHECK (num_nonnulls(expected, lower, upper, p) IN (0, 4))
);
CREATE INDEX trend_point_at ON trend_point USING brin (at);

-- Up to where each step has been judged; who judges and who counts meet in an advisory lock.
CREATE TABLE trend_clock (
    step          text PRIMARY KEY CHECK (step IN ('5m', '15m', '1h', '1d', '1w')),
    upto          timestamptz NOT NULL
);

-- The stream `alerts` is numbered without gaps: an alert bears the number of its last change.
CREATE TABLE trend_stream (
    name          text PRIMARY KEY CHECK (name = 'alerts'),
    last_seq      bigint NOT NULL
);
INSERT INTO trend_stream (name, last_seq) VALUES ('alerts', 0);

CREATE TABLE trend_alert (
    id            uuid PRIMARY KEY,
    seq           bigint NOT NULL UNIQUE,
    kind          text NOT NULL CHECK (kind IN ('count', 'silence', 'theme')),
    step          text NOT NULL CHECK (step IN ('5m', '15m', '1h', '1d', '1w')),
    topic         text NOT NULL,
    city_id       uuid REFERENCES city,
    channel       text CHECK (channel IN ('telegram', 'site', 'app', 'call', 'replay')),
    restaurant_id uuid REFERENCES restaurant,
    began         timestamptz NOT NULL,
    peak_at       timestamptz NOT NULL,
    ended         timestamptz,
    n             integer NOT NULL,                      -- at the peak
    expected      double precision NOT NULL,
    lower         double precision NOT NULL,
    upper         double precision NOT NULL,
    p             double precision NOT NULL,
    causes        jsonb NOT NULL,                        -- {"v":1,"causes":[…]}
    theme         jsonb,                                 -- {"v":1,"sentences":[…],"words":[…]}, personal data masked
    acknowledged_by uuid REFERENCES operator,
    acknowledged_at timestamptz,
    muted_until   timestamptz,
    verdict       text CHECK (verdict IN ('real', 'noise')),
    comments      integer NOT NULL DEFAULT 0,
    CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)),
    CHECK ((kind = 'theme') = (theme IS NOT NULL))
);
CREATE INDEX trend_alert_latest ON trend_alert (began DESC, id DESC);
CREATE INDEX trend_alert_open ON trend_alert (began DESC, id DESC) WHERE ended IS NULL;

-- The series that rose together: one alert.
CREATE TABLE trend_alert_series (
    alert_id      uuid NOT NULL REFERENCES trend_alert,
    series_id     bigint NOT NULL REFERENCES trend_series ON DELETE CASCADE,
    began         timestamptz NOT NULL,
    peak_at       timestamptz NOT NULL,
    ended         timestamptz,
    calm          smallint NOT NULL,                     -- quiet steps since the last that stood out
    n             integer NOT NULL,
    expected      double precision NOT NULL,
    lower         double precision NOT NULL,
    upper         double precision NOT NULL,
    p             double precision NOT NULL,
    PRIMARY KEY (alert_id, series_id, began)
);
CREATE UNIQUE INDEX trend_alert_series_open ON trend_alert_series (series_id) WHERE ended IS NULL;

-- Talks of a theme.
CREATE TABLE trend_theme_contact (
    customer_id   uuid NOT NULL,
    contact_id    uuid NOT NULL,
    alert_id      uuid NOT NULL REFERENCES trend_alert,
    PRIMARY KEY (customer_id, contact_id, alert_id),
    FOREIGN KEY (customer_id, contact_id) REFERENCES contact
);
CREATE INDEX trend_theme_contact_of ON trend_theme_contact (alert_id);

-- What people did with an alert.
CREATE TABLE trend_act (
    id            uuid PRIMARY KEY,                      -- version 7, so the key is the order of time
    alert_id      uuid NOT NULL REFERENCES trend_alert,
    at            timestamptz NOT NULL,
    operator_id   uuid NOT NULL REFERENCES operator,
    act           text NOT NULL CHECK (act IN ('acknowledged', 'commented', 'muted', 'unmuted', 'judged')),
    text          text CHECK (length(text) BETWEEN 1 AND 2000),
    until         timestamptz,
    verdict       text CHECK (verdict IN ('real', 'noise')),
    CHECK ((act = 'commented') = (text IS NOT NULL)),
    CHECK ((act = 'muted') = (until IS NOT NULL)),
    CHECK ((act = 'judged') = (verdict IS NOT NULL))
);
CREATE INDEX trend_act_of ON trend_act (alert_id, id DESC);

-- A recount goes on where it stopped.
CREATE TABLE trend_rebuild (
    since         date NOT NULL,
    until         date NOT NULL,
    done          timestamptz NOT NULL,                  -- counted up to here
    PRIMARY KEY (since, until)
);
