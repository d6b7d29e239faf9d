-- When a silent feed spoke again. It may come after `ended`: a feed that was silent for 14 days is closed, its alert ends,
-- and nobody waits for it until it speaks. The version before leaves it empty: there a feed spoke where its alert ended.
ALTER TABLE trend_alert ADD COLUMN heard timestamptz;
CREATE INDEX trend_alert_silence ON trend_alert (began, id) WHERE kind = 'silence';

-- So many of `n` have no contact behind them: nobody can count them again, so a recount leaves them.
ALTER TABLE trend_count ADD COLUMN past integer NOT NULL DEFAULT 0;
