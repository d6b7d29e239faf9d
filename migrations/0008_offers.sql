-- Offers that nobody answered are looked for every few seconds.
CREATE INDEX contact_offered ON contact (state_since) WHERE state = 'offered';
