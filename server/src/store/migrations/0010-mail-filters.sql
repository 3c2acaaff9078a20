-- Sieve scripts of an account (RFC 5804 section 1.4): many, of which one at most is active.
CREATE TABLE sieve_script (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  name text NOT NULL,
  content text NOT NULL,
  blob_id uuid NOT NULL DEFAULT uuidv7(), -- names this content for JMAP: another with each content
  is_active boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, account_id) REFERENCES account
);
CREATE UNIQUE INDEX sieve_script_name ON sieve_script (organization_id, account_id, name);
CREATE UNIQUE INDEX sieve_script_active ON sieve_script (organization_id, account_id) WHERE is_active;

-- What an organization offers to `include :global` (RFC 6609).
CREATE TABLE sieve_global_script (
  organization_id uuid NOT NULL REFERENCES organization,
  name text NOT NULL,
  content text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, name)
);

-- What filters did already, for a time: messages seen by `duplicate`, people answered by `vacation`, failures told to the owner.
CREATE TABLE filter_memory (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('duplicate', 'vacation', 'notice')),
  handle text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, account_id, kind, handle),
  FOREIGN KEY (organization_id, account_id) REFERENCES account
);
CREATE INDEX filter_memory_by_expiry ON filter_memory (expires_at);
