-- The dish that a contact complains of, by its folded name; '' where it names none. The version before leaves it at that.
ALTER TABLE trend_contact ADD COLUMN dish text NOT NULL DEFAULT '';
CREATE INDEX trend_contact_dish ON trend_contact (at) WHERE dish <> '';
