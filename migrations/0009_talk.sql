-- Whose talk at a channel it is: claimed before a contact is opened, so that a talk has one open contact wherever the
-- rows of its customer lie.
CREATE TABLE talk (
    account_id  uuid NOT NULL REFERENCES channel_account,
    thread      text NOT NULL CHECK (length(thread) BETWEEN 1 AND 128),
    customer_id uuid NOT NULL,
    PRIMARY KEY (account_id, thread)
);
INSERT INTO talk (account_id, thread, customer_id)
SELECT DISTINCT ON (account_id, thread) account_id, thread, customer_id FROM contact
ORDER BY account_id, thread, opened_at DESC;

CREATE UNIQUE INDEX contact_open_talk ON contact (customer_id, account_id, thread)
    WHERE state NOT IN ('closed', 'abandoned');
-- contact_open_thread stays until the version that names it no longer runs.

-- Found by id alone, unique with their customer: tables that are spread by customer take no other unique index.
DROP INDEX contact_id;
CREATE INDEX contact_id ON contact (id);
DROP INDEX attachment_id;
CREATE INDEX attachment_id ON attachment (id);
