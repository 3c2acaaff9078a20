-- Names that a person stays subscribed to although the mailbox is deleted: no server may end a subscription by itself
-- (RFC 9051 section 6.3.7).
CREATE TABLE left_subscription (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  name text NOT NULL, -- of all levels, separated by a slash
  PRIMARY KEY (organization_id, account_id, name),
  FOREIGN KEY (organization_id, account_id) REFERENCES account
);
