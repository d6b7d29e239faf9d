-- the list of quality and its figures by the last verdict, and of what a person stands for
CREATE INDEX summary_judged ON summary (verdict, changed_at DESC, contact_id DESC) WHERE verdict IS NOT NULL;
CREATE INDEX summary_confirmed ON summary (changed_at DESC, contact_id DESC) WHERE confirmed_at IS NOT NULL;
