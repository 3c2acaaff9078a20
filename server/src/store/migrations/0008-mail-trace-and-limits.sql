-- What happened to each message, for each recipient: "did the letter of the prefecture come?" Kept 90 days.
CREATE TABLE mail_trace (
  -- The nil UUID: nobody's, such as an attempt to write to a domain that is not ours.
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  at timestamptz NOT NULL,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  sender text NOT NULL, -- return path, lowercased; '' for notifications
  recipient text NOT NULL, -- lowercased; '' when the sender was refused at MAIL
  outcome text NOT NULL CHECK (outcome IN
    ('delivered', 'refused', 'deferred', 'quarantined', 'held', 'junk', 'discarded', 'queued', 'sent', 'failed')),
  status text NOT NULL, -- enhanced status code, RFC 3463; '' when there is none
  detail text NOT NULL,
  remote_address text NOT NULL, -- of the other server or program; '' for what began inside
  message_id text NOT NULL,
  subject text NOT NULL,
  size bigint NOT NULL,
  PRIMARY KEY (organization_id, id)
);
-- Without the tag of jean+factures@, so that a person finds all of theirs.
CREATE INDEX mail_trace_by_recipient ON mail_trace (organization_id, regexp_replace(recipient, '\+[^@]*@', '@'), at);
CREATE INDEX mail_trace_by_sender ON mail_trace (organization_id, regexp_replace(sender, '\+[^@]*@', '@'), at);
CREATE INDEX mail_trace_by_time ON mail_trace (at, id);

-- What was sent in a span of ten minutes; added to at most once a second by each copy of the program.
CREATE TABLE sending_usage (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL, -- the nil UUID: the whole organization
  span timestamptz NOT NULL,
  messages integer NOT NULL DEFAULT 0,
  recipients integer NOT NULL DEFAULT 0,
  unknown_recipients integer NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, principal_id, span)
);
CREATE INDEX sending_usage_by_span ON sending_usage (span);

-- From how many networks someone sent: a stolen password is used from many.
CREATE TABLE sending_network (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  network text NOT NULL,
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, principal_id, network)
);
CREATE INDEX sending_network_by_age ON sending_network (last_seen_at);

-- Other limits than those of the configuration. NULL: that of the wider scope.
CREATE TABLE sending_limit (
  organization_id uuid NOT NULL REFERENCES organization,
  scope text NOT NULL CHECK (scope IN ('organization', 'each_person', 'person')),
  principal_id uuid NOT NULL, -- the nil UUID unless the scope is 'person'
  messages_per_hour integer CHECK (messages_per_hour >= 0),
  messages_per_day integer CHECK (messages_per_day >= 0),
  recipients_per_hour integer CHECK (recipients_per_hour >= 0),
  recipients_per_day integer CHECK (recipients_per_day >= 0),
  PRIMARY KEY (organization_id, scope, principal_id)
);

-- Who may not send until an administrator lets them again. One row a person: the last pause.
CREATE TABLE sending_pause (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL DEFAULT '',
  paused_at timestamptz NOT NULL DEFAULT now(),
  resumed_at timestamptz,
  resumed_by text, -- who did it, in words
  PRIMARY KEY (organization_id, principal_id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);

-- HMAC of (network, sender, recipient): whom somebody writes to is not told by this table.
CREATE TABLE greylist (
  key bytea PRIMARY KEY,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  passed_at timestamptz
);
CREATE INDEX greylist_by_age ON greylist (last_seen_at);

-- "TLS-Required: No" in the message (RFC 8689 section 5): better sent in clear than not at all.
ALTER TABLE outbound_message ADD COLUMN is_tls_optional boolean NOT NULL DEFAULT false;

-- A printer, a scanner, a business program: sends with an app password of the scope "send", and nothing else.
ALTER TABLE principal DROP CONSTRAINT principal_kind_check;
ALTER TABLE principal ADD CONSTRAINT principal_kind_check
  CHECK (kind IN ('person', 'group', 'resource', 'shared_mailbox', 'team_folder', 'service'));

-- What a mail program was allowed by the OpenID provider stands among the app passwords; its tokens find it by this.
CREATE UNIQUE INDEX app_password_by_id ON app_password (id);
