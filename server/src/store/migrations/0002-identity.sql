-- Credentials, sessions and the records of the OpenID provider.

CREATE TABLE password (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  hash text NOT NULL, -- PHC string, argon2id
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, principal_id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);

CREATE TABLE app_password (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  principal_id uuid NOT NULL,
  name text NOT NULL,
  scopes text[] NOT NULL,
  -- HMAC-SHA-256 of the secret: 128 random bits need no slow hash, and a DAV request must not cost 40 ms.
  secret_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  last_used_from text,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);
CREATE UNIQUE INDEX app_password_by_secret ON app_password (secret_hash);
CREATE INDEX app_password_by_principal ON app_password (organization_id, principal_id);

-- One row per origin (portal, mail, drive). A family is one sign-in: its id joins the portal's row and those of the
-- services opened from it, and signing out of one revokes them all.
CREATE TABLE session (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  family_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  service text NOT NULL CHECK (service IN ('portal', 'mail', 'drive')),
  token_hash bytea NOT NULL,
  csrf_token text NOT NULL,
  user_agent text,
  remote_address text,
  signed_in_at timestamptz NOT NULL DEFAULT now(), -- of the family
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);
CREATE UNIQUE INDEX session_by_token ON session (token_hash);
CREATE INDEX session_by_principal ON session (organization_id, principal_id);
CREATE INDEX session_by_family ON session (organization_id, family_id);

-- Outlives sessions: who has never signed in, and who was last seen when.
CREATE TABLE presence (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  first_signed_in_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, principal_id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);

CREATE TABLE password_reset_link (
  token_hash bytea PRIMARY KEY,
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);
CREATE INDEX password_reset_link_by_principal ON password_reset_link (organization_id, principal_id);

-- Failures per (name, network): the key says which. Nothing here closes a session that is open.
CREATE TABLE sign_in_throttle (
  key text PRIMARY KEY,
  failures integer NOT NULL,
  first_failure_at timestamptz NOT NULL,
  blocked_until timestamptz
);
CREATE INDEX sign_in_throttle_by_age ON sign_in_throttle (first_failure_at);

CREATE TABLE oidc_record (
  kind text NOT NULL,
  id text NOT NULL,
  payload jsonb NOT NULL,
  grant_id text,
  uid text,
  user_code text,
  family_id uuid, -- the sign-in that it belongs to and ends with
  consumed_at timestamptz,
  expires_at timestamptz,
  PRIMARY KEY (kind, id)
);
CREATE INDEX oidc_record_by_grant ON oidc_record (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX oidc_record_by_uid ON oidc_record (kind, uid) WHERE uid IS NOT NULL;
CREATE INDEX oidc_record_by_family ON oidc_record (family_id) WHERE family_id IS NOT NULL;
CREATE INDEX oidc_record_by_expiry ON oidc_record (expires_at);

-- Keys made at first start: HMAC of tokens, cookie keys, the issuer's signing keys, the key that seals others.
CREATE TABLE server_secret (
  name text PRIMARY KEY,
  value jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
