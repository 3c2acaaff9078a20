-- Why a recipient is held: a name that whoever holds it releases by; NULL when an operator did by hand.
ALTER TABLE outbound_recipient ADD COLUMN held_reason text;
CREATE INDEX outbound_recipient_held ON outbound_recipient (organization_id, held_reason) WHERE state = 'held';
-- RFC 8689: only by servers that promise to keep TLS to the end.
ALTER TABLE outbound_message ADD COLUMN requires_tls boolean NOT NULL DEFAULT false;
-- Of the header, for the trace.
ALTER TABLE outbound_message ADD COLUMN header_message_id text NOT NULL DEFAULT '';
ALTER TABLE outbound_message ADD COLUMN subject text NOT NULL DEFAULT '';

-- How each destination behaves, for all copies of the program: how many messages at once, and from when on again.
CREATE TABLE outbound_destination (
  domain text PRIMARY KEY,
  concurrency integer NOT NULL,
  failures integer NOT NULL DEFAULT 0, -- in a row, of reaching it at all
  paused_until timestamptz,
  last_reply text,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Policies of other domains (RFC 8461 section 3.3).
CREATE TABLE mta_sts_policy (
  domain text PRIMARY KEY,
  policy_id text NOT NULL,
  mode text NOT NULL CHECK (mode IN ('enforce', 'testing', 'none')),
  mx text[] NOT NULL,
  fetched_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

-- What we ask of those who send to us (RFC 8461 section 3.2).
ALTER TABLE domain ADD COLUMN mta_sts_mode text NOT NULL DEFAULT 'testing' CHECK (mta_sts_mode IN ('enforce', 'testing', 'none'));
ALTER TABLE domain ADD COLUMN mta_sts_changed_at timestamptz NOT NULL DEFAULT now();

-- pending: published nowhere that we saw; active: signs; retiring: signs no more, its record stays for mail under way; retired.
ALTER TABLE dkim_key ADD COLUMN state text NOT NULL DEFAULT 'active' CHECK (state IN ('pending', 'active', 'retiring', 'retired'));
UPDATE dkim_key SET state = 'retired' WHERE NOT is_active;
ALTER TABLE dkim_key DROP COLUMN is_active;
ALTER TABLE dkim_key ADD COLUMN activated_at timestamptz;
ALTER TABLE dkim_key ADD COLUMN retiring_at timestamptz;
ALTER TABLE dkim_key ADD COLUMN checked_at timestamptz; -- the last look in DNS
ALTER TABLE dkim_key ADD COLUMN check_result text; -- of that look: found, missing, different, unreachable
UPDATE dkim_key SET activated_at = created_at WHERE state = 'active';

-- Reports of other servers about mail of our domains: DMARC (RFC 7489 appendix C) and SMTP TLS (RFC 8460).
CREATE TABLE mail_report (
  organization_id uuid NOT NULL REFERENCES organization,
  id uuid NOT NULL DEFAULT uuidv7(),
  kind text NOT NULL CHECK (kind IN ('dmarc', 'tls')),
  domain text NOT NULL,
  reporter text NOT NULL,
  report_id text NOT NULL,
  begins_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  policy jsonb NOT NULL, -- as the reporter saw it
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX mail_report_once ON mail_report (organization_id, kind, domain, reporter, report_id);
CREATE INDEX mail_report_by_date ON mail_report (organization_id, ends_at);

CREATE TABLE mail_report_row (
  organization_id uuid NOT NULL,
  report_id uuid NOT NULL,
  position integer NOT NULL,
  source text, -- IP address of the sending server
  count bigint NOT NULL,
  result text NOT NULL, -- dmarc: disposition; tls: success or the failure's result-type
  detail jsonb NOT NULL,
  PRIMARY KEY (organization_id, report_id, position),
  FOREIGN KEY (organization_id, report_id) REFERENCES mail_report ON DELETE CASCADE
);

-- Whether what is submitted as an account is filed in its Sent by us; NULL: only for shared mailboxes.
ALTER TABLE account ADD COLUMN files_sent_copies boolean;
-- Copies that we filed, so that a client's own copy of the same message does not double them.
CREATE TABLE filed_copy (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  message_id_hash bytea NOT NULL,
  email_id uuid NOT NULL,
  filed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, account_id, message_id_hash)
);
CREATE INDEX filed_copy_by_date ON filed_copy (filed_at);
