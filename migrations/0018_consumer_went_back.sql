-- How often somebody had a reader of the log go back in a part: one that notes how far it is must see that, also where it
-- is to go back to the very position that it has noted.
ALTER TABLE consumer_position ADD COLUMN went_back integer NOT NULL DEFAULT 0;
