-- What an organization wants done with received mail; without a row the defaults hold.
CREATE TABLE screening_policy (
  organization_id uuid PRIMARY KEY REFERENCES organization,
  -- What happens to a message that fails DMARC when its domain asks for p=reject and for p=quarantine.
  dmarc_reject text NOT NULL DEFAULT 'refuse' CHECK (dmarc_reject IN ('refuse', 'quarantine', 'junk', 'ignore')),
  dmarc_quarantine text NOT NULL DEFAULT 'junk' CHECK (dmarc_quarantine IN ('refuse', 'quarantine', 'junk', 'ignore')),
  arc_overrides boolean NOT NULL DEFAULT true,
  trusted_sealers text[] NOT NULL DEFAULT '{}', -- beside those of the server
  rspamd_reject text NOT NULL DEFAULT 'refuse' CHECK (rspamd_reject IN ('refuse', 'quarantine', 'junk')),
  dns_list text NOT NULL DEFAULT 'junk' CHECK (dns_list IN ('refuse', 'junk', 'ignore')),
  virus text NOT NULL DEFAULT 'quarantine' CHECK (virus IN ('quarantine', 'refuse')),
  junk_threshold double precision NOT NULL DEFAULT 0.9 CHECK (junk_threshold BETWEEN 0.5 AND 1), -- 1 turns the classifier off
  -- Messages of each kind that must have been learned before the classifier says anything.
  minimum_learned integer NOT NULL DEFAULT 20 CHECK (minimum_learned >= 1),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- The classifier's memory, of an organization (account_id all zeros) and of each account. Tokens are hashes: no word can be read here.
CREATE TABLE spam_token (
  organization_id uuid NOT NULL REFERENCES organization,
  account_id uuid NOT NULL,
  token bigint NOT NULL,
  spam integer NOT NULL DEFAULT 0 CHECK (spam >= 0),
  ham integer NOT NULL DEFAULT 0 CHECK (ham >= 0),
  last_learned_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (organization_id, account_id, token)
) WITH (fillfactor = 80);
CREATE INDEX spam_token_by_age ON spam_token (last_learned_on);

CREATE TABLE spam_corpus (
  organization_id uuid NOT NULL REFERENCES organization,
  account_id uuid NOT NULL,
  spam integer NOT NULL DEFAULT 0 CHECK (spam >= 0), -- messages learned
  ham integer NOT NULL DEFAULT 0 CHECK (ham >= 0),
  PRIMARY KEY (organization_id, account_id)
);

-- What was learned from which message, so that learning it again does nothing and learning the opposite takes it back first.
CREATE TABLE spam_training (
  organization_id uuid NOT NULL REFERENCES organization,
  account_id uuid NOT NULL,
  message_id uuid NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('spam', 'ham')),
  tokens bigint[] NOT NULL,
  learned_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, account_id, message_id)
);
CREATE INDEX spam_training_by_age ON spam_training (learned_at);

-- Allow and block lists: of an organization (account_id NULL) or of one account.
CREATE TABLE sender_rule (
  organization_id uuid NOT NULL REFERENCES organization,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid,
  kind text NOT NULL CHECK (kind IN ('allow', 'block')),
  pattern text NOT NULL, -- an address, or a domain, which stands for those beneath it too; in lower case
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX sender_rule_once ON sender_rule (organization_id, account_id, pattern) NULLS NOT DISTINCT;

-- Messages that were taken but not delivered, until someone releases them or their time is over.
CREATE TABLE quarantined_message (
  organization_id uuid NOT NULL REFERENCES organization,
  id uuid NOT NULL DEFAULT uuidv7(),
  blob_id uuid NOT NULL,
  size bigint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('virus', 'spam', 'policy', 'sender')),
  detail text NOT NULL, -- the name of the virus, the policy
  return_path text NOT NULL,
  sender text NOT NULL, -- the first address of From
  subject text NOT NULL,
  message_id text, -- the Message-ID
  received_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, blob_id) REFERENCES blob
);
CREATE INDEX quarantined_message_by_age ON quarantined_message (received_at);
CREATE INDEX quarantined_message_by_blob ON quarantined_message (organization_id, blob_id);

CREATE TABLE quarantined_recipient (
  organization_id uuid NOT NULL,
  quarantine_id uuid NOT NULL,
  account_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'released', 'deleted')),
  decided_by uuid,
  decided_at timestamptz,
  PRIMARY KEY (organization_id, quarantine_id, account_id),
  FOREIGN KEY (organization_id, quarantine_id) REFERENCES quarantined_message ON DELETE CASCADE,
  FOREIGN KEY (organization_id, account_id) REFERENCES account
);
CREATE INDEX quarantined_recipient_by_account ON quarantined_recipient (organization_id, account_id, quarantine_id);

-- A scanner that does not answer: one row while it lasts, so that all copies of the program tell the operator once.
CREATE TABLE scanner_outage (
  scanner text PRIMARY KEY,
  began_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now()
);
