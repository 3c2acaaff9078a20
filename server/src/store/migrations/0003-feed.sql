-- One change feed per (account, area). Its row is the lock of everything in that area.

CREATE TABLE feed (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  area text NOT NULL CHECK (area IN ('mail', 'calendar', 'contacts', 'files')),
  modseq bigint NOT NULL DEFAULT 1,
  -- Every departure from this modseq on is remembered; earlier ones were purged. A token older than the last purged one is
  -- answered "start again".
  oldest_modseq bigint NOT NULL DEFAULT 1,
  -- Last modseq per type of object, for JMAP states: {"Email": 12, "Mailbox": 12, "Thread": 9}
  type_modseq jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (organization_id, account_id, area),
  FOREIGN KEY (organization_id, account_id) REFERENCES account
) WITH (fillfactor = 50);

-- Departures only; live objects carry created_modseq and modseq themselves.
CREATE TABLE changes (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  area text NOT NULL,
  modseq bigint NOT NULL,
  kind text NOT NULL,
  collection_id uuid NOT NULL,
  object_id uuid NOT NULL,
  uid bigint NOT NULL DEFAULT 0,
  departed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, account_id, area, modseq, kind, collection_id, object_id, uid)
);
CREATE INDEX changes_by_collection ON changes (organization_id, collection_id, modseq);
-- For the nightly purge: rows are written in the order of time.
CREATE INDEX changes_by_age ON changes USING brin (departed_at);

-- Durable "to do" rows, written in the transaction of the row that causes them.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  organization_id uuid NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  available_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  last_error text
);
CREATE INDEX outbox_due ON outbox (available_at, id);

CREATE TABLE blob (
  organization_id uuid NOT NULL REFERENCES organization,
  id uuid NOT NULL,
  size bigint NOT NULL,
  sha256 bytea NOT NULL,
  -- NULL: the bytes are in the blob store (file or object) under the id.
  data bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);
ALTER TABLE blob ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE INDEX blob_by_age ON blob (created_at);
CREATE INDEX blob_by_id ON blob (id);

-- A blob that nothing here refers to is temporary. Collector and writer meet on the blob's row: adding a reference
-- takes FOR KEY SHARE on it, the collector FOR UPDATE.
CREATE TABLE blob_reference (
  organization_id uuid NOT NULL,
  blob_id uuid NOT NULL,
  kind text NOT NULL,
  owner_id uuid NOT NULL,
  PRIMARY KEY (organization_id, blob_id, kind, owner_id),
  FOREIGN KEY (organization_id, blob_id) REFERENCES blob
);
CREATE INDEX blob_reference_by_owner ON blob_reference (organization_id, owner_id);

-- Files of the blob store whose row was deleted, or whose row may never come: removed after the commit.
CREATE TABLE blob_removal (
  id uuid PRIMARY KEY,
  requested_at timestamptz NOT NULL DEFAULT now()
);
