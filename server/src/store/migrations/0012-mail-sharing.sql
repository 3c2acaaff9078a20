-- Rights on single mailboxes, what each person has seen in what several read, annotations of mailboxes (RFC 5464).

-- Whether each person who reads the account has a \Seen of their own. The owner, if a person, always has that of the copy.
ALTER TABLE account ADD COLUMN has_personal_seen boolean NOT NULL DEFAULT false;

CREATE INDEX grant_received_by_account ON grant_received (account_organization_id, account_id);

-- Where a person differs from \Seen of the copies. By message: it follows it into any mailbox of the account, and every copy of it
-- is seen or is not.
CREATE TABLE personal_seen (
  organization_id uuid NOT NULL, -- of the account
  message_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  account_id uuid NOT NULL,
  is_seen boolean NOT NULL,
  modseq bigint NOT NULL, -- of the account's mail feed
  PRIMARY KEY (organization_id, message_id, principal_id),
  FOREIGN KEY (organization_id, message_id) REFERENCES message ON DELETE CASCADE
);
CREATE INDEX personal_seen_by_modseq ON personal_seen (organization_id, account_id, principal_id, modseq);

-- Subscriptions of others than the owner, whose own are in the mailbox.
CREATE TABLE mailbox_subscription (
  organization_id uuid NOT NULL,
  mailbox_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  is_subscribed boolean NOT NULL,
  PRIMARY KEY (organization_id, mailbox_id, principal_id),
  FOREIGN KEY (organization_id, mailbox_id) REFERENCES mailbox ON DELETE CASCADE
);

CREATE TABLE annotation (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  mailbox_id uuid, -- NULL: of the server, for whom the account is
  principal_id uuid, -- whose private annotation; NULL: shared
  name text NOT NULL CHECK (name = lower(name)), -- without /private or /shared
  value bytea, -- NULL: removed
  modseq bigint NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, account_id) REFERENCES account,
  FOREIGN KEY (organization_id, mailbox_id) REFERENCES mailbox ON DELETE CASCADE
);
CREATE UNIQUE INDEX annotation_name ON annotation (organization_id, account_id, mailbox_id, principal_id, name) NULLS NOT DISTINCT;
CREATE INDEX annotation_by_modseq ON annotation (organization_id, account_id, modseq);
