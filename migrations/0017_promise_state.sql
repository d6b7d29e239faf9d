-- What has become of a promise at a moment, for figures and for lists.
CREATE FUNCTION promise_state(due_at timestamptz, returned_at timestamptz, at timestamptz) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN due_at IS NULL THEN 'undated' WHEN returned_at IS NOT NULL THEN 'broken'
              WHEN due_at > at THEN 'open' ELSE 'no_return' END;

-- the list of quality and its figures by outcome
CREATE INDEX summary_outcome ON summary (outcome, changed_at DESC, contact_id DESC);
