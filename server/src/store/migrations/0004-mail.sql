CREATE TEXT SEARCH CONFIGURATION french_plain (COPY = french);
ALTER TEXT SEARCH CONFIGURATION french_plain ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;

CREATE SEQUENCE uidvalidity AS integer START 1;

CREATE TABLE mailbox (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  parent_id uuid,
  name text NOT NULL,
  role text CHECK (role IN ('inbox', 'drafts', 'sent', 'junk', 'trash', 'archive')),
  sort_order integer NOT NULL DEFAULT 0,
  is_subscribed boolean NOT NULL DEFAULT true,
  uidvalidity bigint NOT NULL,
  uidnext bigint NOT NULL DEFAULT 1,
  highest_modseq bigint NOT NULL, -- of its messages: IMAP HIGHESTMODSEQ
  created_modseq bigint NOT NULL,
  modseq bigint NOT NULL, -- of its properties, counts apart
  counts_modseq bigint NOT NULL, -- of its counts: JMAP updatedProperties
  total integer NOT NULL DEFAULT 0,
  unseen integer NOT NULL DEFAULT 0,
  size_bytes bigint NOT NULL DEFAULT 0,
  deleted_at timestamptz, -- recoverable until purged
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, account_id) REFERENCES account
);
CREATE UNIQUE INDEX mailbox_name ON mailbox (organization_id, account_id, parent_id, name) NULLS NOT DISTINCT WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX mailbox_role ON mailbox (organization_id, account_id, role) WHERE role IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE thread (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  created_modseq bigint NOT NULL,
  modseq bigint NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, account_id) REFERENCES account
);
CREATE INDEX thread_by_modseq ON thread (organization_id, account_id, modseq);

-- Which threads a Message-ID is known in. Threads never merge: the newest wins.
CREATE TABLE thread_reference (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  reference_hash bytea NOT NULL,
  thread_id uuid NOT NULL,
  PRIMARY KEY (organization_id, account_id, reference_hash, thread_id)
);
CREATE INDEX thread_reference_by_thread ON thread_reference (organization_id, thread_id);

-- Immutable. RFC 8474 EMAILID is its id.
CREATE TABLE message (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  blob_id uuid NOT NULL,
  size bigint NOT NULL,
  received_at timestamptz NOT NULL, -- IMAP INTERNALDATE, JMAP receivedAt
  sent_at timestamptz,
  subject text NOT NULL,
  preview text NOT NULL,
  has_attachment boolean NOT NULL,
  -- Decoded header values that lists and conversations show: AnalyzedMessage without its tree and text.
  summary jsonb NOT NULL,
  mime jsonb NOT NULL, -- MimePart tree with byte offsets
  imap_envelope bytea NOT NULL,
  imap_bodystructure bytea NOT NULL,
  created_modseq bigint NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, account_id) REFERENCES account,
  FOREIGN KEY (organization_id, blob_id) REFERENCES blob
);
CREATE INDEX message_by_account ON message (organization_id, account_id, created_modseq);
CREATE INDEX message_by_thread ON message (organization_id, thread_id);
CREATE INDEX message_by_blob ON message (organization_id, blob_id);
CREATE INDEX message_by_date ON message (organization_id, account_id, received_at DESC, id DESC);
-- Clients ask SEARCH HEADER Message-ID to learn whether their copy arrived. Cut, because an index entry holds 2.7 kB at most.
CREATE INDEX message_by_message_id ON message (organization_id, account_id, left(summary ->> 'messageId', 250));

CREATE TABLE mailbox_message (
  organization_id uuid NOT NULL,
  mailbox_id uuid NOT NULL,
  uid bigint NOT NULL,
  account_id uuid NOT NULL,
  message_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  received_at timestamptz NOT NULL,
  size bigint NOT NULL,
  flags text[] NOT NULL DEFAULT '{}', -- system flags as \Seen; keywords lowercased
  save_date timestamptz NOT NULL DEFAULT now(),
  created_modseq bigint NOT NULL,
  modseq bigint NOT NULL,
  PRIMARY KEY (organization_id, mailbox_id, uid),
  FOREIGN KEY (organization_id, mailbox_id) REFERENCES mailbox,
  FOREIGN KEY (organization_id, message_id) REFERENCES message
);
CREATE INDEX mailbox_message_by_message ON mailbox_message (organization_id, message_id);
CREATE INDEX mailbox_message_by_modseq ON mailbox_message (organization_id, mailbox_id, modseq);
CREATE INDEX mailbox_message_by_account ON mailbox_message (organization_id, account_id, modseq);
CREATE INDEX mailbox_message_by_date ON mailbox_message (organization_id, mailbox_id, received_at DESC, message_id DESC);
CREATE INDEX mailbox_message_by_thread ON mailbox_message (organization_id, thread_id);
CREATE INDEX mailbox_message_unseen ON mailbox_message (organization_id, account_id, message_id) WHERE NOT flags @> '{"\\Seen"}';
CREATE INDEX mailbox_message_deleted ON mailbox_message (organization_id, mailbox_id, uid) WHERE flags @> '{"\\Deleted"}';
CREATE INDEX mailbox_message_flagged ON mailbox_message (organization_id, account_id, message_id) WHERE flags @> '{"\\Flagged"}';

-- Expunged, whatever client did it; recoverable until the recovery period ends.
CREATE TABLE expunged_message (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  message_id uuid NOT NULL,
  mailbox_id uuid NOT NULL,
  flags text[] NOT NULL,
  expunged_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, message_id) REFERENCES message
);
CREATE INDEX expunged_message_by_account ON expunged_message (organization_id, account_id, expunged_at);
CREATE INDEX expunged_message_by_message ON expunged_message (organization_id, message_id);

CREATE TABLE message_text (
  organization_id uuid NOT NULL,
  message_id uuid NOT NULL,
  account_id uuid NOT NULL,
  body text NOT NULL,
  body_from integer NOT NULL, -- where what comes from the header ends and the text begins, for substr
  -- Of the first 100,000 characters: a tsvector holds 1 MB at most. Not a generated column, because a message to fifty
  -- accounts is parsed once.
  words tsvector NOT NULL,
  PRIMARY KEY (organization_id, message_id),
  FOREIGN KEY (organization_id, message_id) REFERENCES message ON DELETE CASCADE
);
CREATE INDEX message_text_words ON message_text USING gin (account_id, words);

-- Whom this account wrote to: completes recipients.
CREATE TABLE correspondent (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  address text NOT NULL,
  name text,
  uses integer NOT NULL DEFAULT 1,
  last_used_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, account_id, address)
);

CREATE TABLE dkim_key (
  domain text NOT NULL REFERENCES domain,
  selector text NOT NULL,
  organization_id uuid NOT NULL,
  algorithm text NOT NULL CHECK (algorithm IN ('rsa', 'ed25519')),
  private_key text NOT NULL,
  public_key text NOT NULL, -- the p= value
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (domain, selector)
);

-- The outbound queue: one row per message, one per recipient; recipients are leased per destination.
CREATE TABLE outbound_message (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid, -- NULL: a notification of ours
  message_id uuid, -- the Email kept in Sent, if one is
  blob_id uuid NOT NULL,
  size bigint NOT NULL,
  return_path text NOT NULL, -- '' for notifications
  prepended_headers text NOT NULL DEFAULT '', -- DKIM-Signature and the like, CRLF-ended
  body_type text NOT NULL DEFAULT '8BITMIME',
  is_smtputf8 boolean NOT NULL DEFAULT false,
  dsn_ret text,
  dsn_envid text,
  send_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, blob_id) REFERENCES blob
);
CREATE INDEX outbound_message_by_account ON outbound_message (organization_id, account_id, created_at);

CREATE TABLE outbound_recipient (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  outbound_id uuid NOT NULL,
  address text NOT NULL,
  domain text NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'held', 'sent', 'failed', 'canceled')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  lease_owner text,
  last_status text, -- enhanced status code, RFC 3463
  last_reply text,
  remote_host text,
  dsn_notify text[],
  dsn_orcpt text,
  delay_notified_at timestamptz,
  finished_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, outbound_id) REFERENCES outbound_message
);
CREATE INDEX outbound_recipient_due ON outbound_recipient (next_attempt_at) WHERE state = 'queued';
CREATE INDEX outbound_recipient_by_message ON outbound_recipient (organization_id, outbound_id);
CREATE INDEX outbound_recipient_by_domain ON outbound_recipient (domain, next_attempt_at) WHERE state = 'queued';
