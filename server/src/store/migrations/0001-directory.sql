-- One directory: organizations, principals, accounts, grants. Tenant tables have organization_id first in their primary
-- key; domain, address and login are global because the world reaches us by them before we know the organization.

CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE TABLE organization (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('operator', 'member')),
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE domain (
  name text PRIMARY KEY CHECK (name = lower(name)),
  organization_id uuid NOT NULL REFERENCES organization,
  is_primary boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX domain_by_organization ON domain (organization_id);

CREATE TABLE principal (
  organization_id uuid NOT NULL REFERENCES organization,
  id uuid NOT NULL DEFAULT uuidv7(),
  kind text NOT NULL CHECK (kind IN ('person', 'group', 'resource', 'shared_mailbox', 'team_folder')),
  -- Immutable, not an address: DAV and Nextcloud paths are made of it. Unique through the login table.
  uid text NOT NULL,
  display_name text NOT NULL,
  given_name text,
  family_name text,
  job_title text,
  language text NOT NULL DEFAULT 'fr',
  time_zone text NOT NULL DEFAULT 'Europe/Paris',
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'deleted')),
  -- Part of every sync token: what a person sees also changes when a grant comes or goes.
  grants_epoch bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX principal_by_name ON principal (organization_id, kind, display_name);

CREATE TABLE principal_role (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('member_administrator', 'operator')),
  PRIMARY KEY (organization_id, principal_id, role),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);

CREATE TABLE group_member (
  organization_id uuid NOT NULL,
  group_id uuid NOT NULL,
  member_id uuid NOT NULL,
  PRIMARY KEY (organization_id, group_id, member_id),
  FOREIGN KEY (organization_id, group_id) REFERENCES principal,
  FOREIGN KEY (organization_id, member_id) REFERENCES principal
);
CREATE INDEX group_member_by_member ON group_member (organization_id, member_id);

-- What a principal may type as a user name: its addresses that are logins, and its uid.
CREATE TABLE login (
  login text PRIMARY KEY CHECK (login = lower(login)),
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);
CREATE INDEX login_by_principal ON login (organization_id, principal_id);

CREATE TABLE address (
  address text PRIMARY KEY CHECK (address = lower(address)),
  domain text NOT NULL REFERENCES domain,
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('primary', 'alias')),
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);
CREATE UNIQUE INDEX address_primary ON address (organization_id, principal_id) WHERE kind = 'primary';
CREATE INDEX address_by_principal ON address (organization_id, principal_id);

CREATE TABLE account (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  owner_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, owner_id) REFERENCES principal
);
CREATE UNIQUE INDEX account_by_owner ON account (organization_id, owner_id);

-- A right of a principal on an account, or on one collection of it. Across organizations a grant is two rows, the given
-- one with the data and the received one with the person, and no foreign key joins them.
CREATE TABLE grant_given (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  collection_id uuid,
  grantee_organization_id uuid NOT NULL,
  grantee_id uuid NOT NULL,
  rights text[] NOT NULL,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, account_id) REFERENCES account
);
CREATE UNIQUE INDEX grant_given_once ON grant_given
  (organization_id, account_id, collection_id, grantee_organization_id, grantee_id) NULLS NOT DISTINCT;

CREATE TABLE grant_received (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  grant_id uuid NOT NULL,
  account_organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  collection_id uuid,
  rights text[] NOT NULL,
  PRIMARY KEY (organization_id, principal_id, grant_id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);

-- used_bytes moves under the feed lock of (account, area), so it never drifts from the rows it counts.
CREATE TABLE quota (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  area text NOT NULL CHECK (area IN ('mail', 'files')),
  limit_bytes bigint NOT NULL CHECK (limit_bytes >= 0),
  used_bytes bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, account_id, area),
  FOREIGN KEY (organization_id, account_id) REFERENCES account
);
