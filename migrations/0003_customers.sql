-- Everything that belongs to a customer: customer_id first in every key, so that the tables can be distributed by it
-- without a rewrite. Rows never change their customer_id.

CREATE TABLE customer (
    customer_id uuid PRIMARY KEY,
    name        text,
    name_folded text COLLATE "C",                     -- as search compares it: small letters, written by the program
    language    text CHECK (language IN ('ru', 'kk', 'uz', 'en')),
    country     text REFERENCES country,
    city_id     uuid REFERENCES city,
    created_at  timestamptz NOT NULL
);
CREATE INDEX customer_name ON customer (name_folded, customer_id);

-- Keyed and distributed by themselves, written first in the transaction that creates the customer.
CREATE TABLE identity (
    kind        text NOT NULL CHECK (kind IN ('phone', 'telegram', 'site', 'app', 'call', 'replay')),
    value       text NOT NULL CHECK (length(value) BETWEEN 1 AND 128),   -- phone: E.164
    customer_id uuid NOT NULL,
    id          uuid NOT NULL,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE INDEX identity_customer ON identity (customer_id);

-- Two customers are one person: reversible, nothing is moved.
CREATE TABLE customer_link (
    customer_id uuid NOT NULL REFERENCES customer,
    id          uuid NOT NULL,
    linked_id   uuid NOT NULL CHECK (linked_id <> customer_id),
    reason      text NOT NULL,
    linked_at   timestamptz NOT NULL,
    linked_by   uuid REFERENCES operator,
    ended_at    timestamptz,
    ended_by    uuid REFERENCES operator,
    PRIMARY KEY (customer_id, id)
);
CREATE INDEX customer_link_back ON customer_link (linked_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX customer_link_once ON customer_link (customer_id, linked_id) WHERE ended_at IS NULL;

CREATE TABLE consent (
    customer_id  uuid NOT NULL REFERENCES customer,
    id           uuid NOT NULL,
    purpose      text NOT NULL CHECK (purpose IN ('service', 'marketing', 'training', 'recording')),
    source       text NOT NULL,
    given_at     timestamptz NOT NULL,
    withdrawn_at timestamptz,
    PRIMARY KEY (customer_id, id)
);

CREATE TABLE customer_order (
    customer_id   uuid NOT NULL REFERENCES customer,
    id            uuid NOT NULL,
    number        text NOT NULL CHECK (length(number) BETWEEN 1 AND 32),
    brand_id      uuid NOT NULL REFERENCES brand,
    city_id       uuid NOT NULL REFERENCES city,
    restaurant_id uuid NOT NULL REFERENCES restaurant,
    status        text NOT NULL CHECK (status IN ('placed', 'cooking', 'on_way', 'delivered', 'cancelled')),
    placed_at     timestamptz NOT NULL,
    due_at        timestamptz,
    finished_at   timestamptz,
    total_minor   bigint NOT NULL CHECK (total_minor >= 0),
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    wishes        text,
    PRIMARY KEY (customer_id, id)
);
CREATE INDEX customer_order_latest ON customer_order (customer_id, placed_at DESC, id DESC);
CREATE INDEX customer_order_number ON customer_order (number);

CREATE TABLE order_line (
    customer_id  uuid NOT NULL,
    order_id     uuid NOT NULL,
    line         smallint NOT NULL,
    menu_item_id uuid REFERENCES menu_item,
    name         text NOT NULL,                        -- as it was called when it was ordered
    quantity     smallint NOT NULL CHECK (quantity > 0),
    price_minor  bigint NOT NULL CHECK (price_minor >= 0),
    wishes       text,
    PRIMARY KEY (customer_id, order_id, line),
    FOREIGN KEY (customer_id, order_id) REFERENCES customer_order
);
