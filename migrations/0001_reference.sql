-- Reference tables: small, read by every role, no customer in them. On Citus they are reference tables.
-- Text columns with a CHECK stand for the closed enums of the code: a new value is added by a new migration
-- that widens the CHECK before any process writes it.

CREATE TABLE country (
    code          text PRIMARY KEY CHECK (code ~ '^[a-z]{2}$'),
    name          text NOT NULL,
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    calling_code  text NOT NULL CHECK (calling_code ~ '^[0-9]{1,3}$'),
    language      text NOT NULL CHECK (language IN ('ru', 'kk', 'uz', 'en'))
);

CREATE TABLE brand (
    id    uuid PRIMARY KEY,
    slug  text NOT NULL UNIQUE,
    name  text NOT NULL
);

CREATE TABLE city (
    id       uuid PRIMARY KEY,
    country  text NOT NULL REFERENCES country,
    slug     text NOT NULL UNIQUE,
    name     text NOT NULL,
    zone     text NOT NULL            -- IANA name, for example Asia/Almaty
);

CREATE TABLE restaurant (
    id       uuid PRIMARY KEY,
    brand_id uuid NOT NULL REFERENCES brand,
    city_id  uuid NOT NULL REFERENCES city,
    name     text NOT NULL,
    address  text NOT NULL,
    UNIQUE (brand_id, city_id, name)
);
CREATE INDEX restaurant_city ON restaurant (city_id);

CREATE TABLE menu_item (
    id           uuid PRIMARY KEY,
    brand_id     uuid NOT NULL REFERENCES brand,
    country      text NOT NULL REFERENCES country,
    category     text NOT NULL,
    name         text NOT NULL,
    price_minor  bigint NOT NULL CHECK (price_minor >= 0),
    ingredients  text[] NOT NULL DEFAULT '{}',
    allergens    text[] NOT NULL DEFAULT '{}',
    weight_grams integer CHECK (weight_grams > 0),
    active       boolean NOT NULL DEFAULT true,
    UNIQUE (brand_id, country, name)
);
CREATE INDEX menu_item_brand ON menu_item (brand_id, country) WHERE active;

-- Where customers reach us: a bot, a site's widget, an app, a telephone source, a replay.
CREATE TABLE channel_account (
    id        uuid PRIMARY KEY,
    channel   text NOT NULL CHECK (channel IN ('telegram', 'site', 'app', 'call', 'replay')),
    slug      text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{1,63}$'),
    name      text NOT NULL,
    brand_id  uuid NOT NULL REFERENCES brand,
    city_id   uuid REFERENCES city,
    language  text NOT NULL CHECK (language IN ('ru', 'kk', 'uz', 'en')),
    settings  jsonb NOT NULL DEFAULT '{"v": 1}',   -- allowed origins, polling or webhook, API address
    active    boolean NOT NULL DEFAULT true
);

-- Secrets apart from what lists show. Those we only compare are stored as SHA-256; a bot's token must be sent, so it is kept.
CREATE TABLE channel_secret (
    account_id uuid NOT NULL REFERENCES channel_account,
    kind       text NOT NULL CHECK (kind IN ('webhook_sha256', 'source_sha256', 'app_key', 'bot_token')),
    value      bytea NOT NULL,
    PRIMARY KEY (account_id, kind)
);

CREATE TABLE template (
    id         uuid PRIMARY KEY,
    shortcut   text NOT NULL CHECK (shortcut ~ '^[[:alnum:]_-]{1,32}$'),
    language   text NOT NULL CHECK (language IN ('ru', 'kk', 'uz', 'en')),
    title      text NOT NULL,
    body       text NOT NULL,
    topics     text[] NOT NULL DEFAULT '{}',
    active     boolean NOT NULL DEFAULT true,
    changed_at timestamptz NOT NULL
);
-- a shortcut is free again once its template is out of use
CREATE UNIQUE INDEX template_shortcut ON template (shortcut, language) WHERE active;
