-- One index for both kinds of reading: of a message, and of the contact so far (without one).
-- insight_message and insight_contact stay until the version that names them no longer runs.
CREATE UNIQUE INDEX insight_of ON insight (customer_id, contact_id, message_id) NULLS NOT DISTINCT;
