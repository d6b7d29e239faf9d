-- What people know better than the calendar that ships: days that are holidays as well, and days of it that are none.
-- Of no customer and few: a reference table.
CREATE TABLE holiday_day (
    id         uuid PRIMARY KEY,
    country    text NOT NULL CHECK (country IN ('', 'ru', 'kz', 'uz')),    -- '': every country
    day        date NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('added', 'removed')),
    name       text CHECK (length(name) BETWEEN 1 AND 100),
    said_by    uuid NOT NULL REFERENCES operator,
    said_at    timestamptz NOT NULL,
    UNIQUE (day, country),
    CHECK ((kind = 'added') = (name IS NOT NULL))
);
