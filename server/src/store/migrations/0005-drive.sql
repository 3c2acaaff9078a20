CREATE SEQUENCE drive_file_id AS bigint START 1;

-- How a French reader expects names to be sorted: accents after letters, « annexe 2 » before « annexe 10 ».
CREATE COLLATION french_names (provider = icu, locale = 'fr-u-kn-true');

-- A node is (parent, name), so a MOVE of a tree is one row. An account has one root: parent_id NULL, state live.
CREATE TABLE drive_node (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  file_id bigint NOT NULL DEFAULT nextval('drive_file_id'), -- global, for oc:fileid
  account_id uuid NOT NULL,
  parent_id uuid,
  name text NOT NULL, -- NFC; two names equal in NFC are one
  kind text NOT NULL CHECK (kind IN ('folder', 'file')),
  size bigint NOT NULL DEFAULT 0, -- of the current version; 0 for a folder
  content_type text NOT NULL DEFAULT 'application/octet-stream',
  version_id uuid, -- current content; NULL for a folder
  modified_at timestamptz NOT NULL DEFAULT now(), -- the client's mtime when it gave one
  modified_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid,
  created_modseq bigint NOT NULL,
  modseq bigint NOT NULL,
  tree_modseq bigint NOT NULL, -- last change of this node or anything beneath
  tree_bytes bigint NOT NULL DEFAULT 0, -- of a file: size; of a folder: sizes of the live files beneath
  state text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'trashed', 'deleted', 'purged')),
  -- Set on the node that was put in the trash, not on what lies beneath it. Such a node is detached (parent_id NULL): what
  -- is beneath it does not climb to the root any more, and its former folder may be purged before it.
  removed_at timestamptz,
  removed_by uuid,
  removed_from uuid, -- the parent it had
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, account_id) REFERENCES account,
  FOREIGN KEY (organization_id, parent_id) REFERENCES drive_node (organization_id, id)
);
CREATE UNIQUE INDEX drive_node_name ON drive_node (organization_id, parent_id, name) WHERE state = 'live';
CREATE UNIQUE INDEX drive_node_root ON drive_node (organization_id, account_id) WHERE parent_id IS NULL AND state = 'live';
CREATE INDEX drive_node_by_parent ON drive_node (organization_id, parent_id);
CREATE INDEX drive_node_by_modseq ON drive_node (organization_id, account_id, modseq);
CREATE INDEX drive_node_removed ON drive_node (organization_id, account_id, removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX drive_node_purgeable ON drive_node (state, removed_at) WHERE state IN ('deleted', 'purged');
CREATE INDEX drive_node_recent ON drive_node (organization_id, account_id, modified_at DESC) WHERE kind = 'file' AND state = 'live';
-- Substrings of names, without accents or case. unaccent() is not IMMUTABLE because its dictionary may change; ours does not.
CREATE FUNCTION search_form(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN lower(unaccent('unaccent', $1));
CREATE INDEX drive_node_words ON drive_node USING gin (account_id, search_form(name) gin_trgm_ops) WHERE state = 'live';
CREATE UNIQUE INDEX drive_node_by_file_id ON drive_node (file_id);

CREATE TABLE file_version (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  node_id uuid NOT NULL,
  size bigint NOT NULL,
  sha256 bytea,
  modified_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid,
  superseded_at timestamptz, -- NULL: current. Recoverable from then on, and outside the quota
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, node_id) REFERENCES drive_node
);
CREATE INDEX file_version_by_node ON file_version (organization_id, node_id, created_at);
CREATE INDEX file_version_purgeable ON file_version (superseded_at) WHERE superseded_at IS NOT NULL;

-- Content is an ordered list of blobs, so assembling uploaded chunks is a change of metadata.
CREATE TABLE file_segment (
  organization_id uuid NOT NULL,
  version_id uuid NOT NULL,
  ordinal integer NOT NULL,
  blob_id uuid NOT NULL,
  length bigint NOT NULL,
  PRIMARY KEY (organization_id, version_id, ordinal),
  FOREIGN KEY (organization_id, version_id) REFERENCES file_version ON DELETE CASCADE,
  FOREIGN KEY (organization_id, blob_id) REFERENCES blob
);
CREATE INDEX file_segment_by_blob ON file_segment (organization_id, blob_id);

-- Global: an outside person knows the token, not the organization.
CREATE TABLE share_link (
  token_hash bytea PRIMARY KEY,
  id uuid NOT NULL DEFAULT uuidv7(),
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  node_id uuid NOT NULL,
  sealed_token bytea NOT NULL, -- so that the owner can copy the link again
  label text,
  password_hash text,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  opened_count integer NOT NULL DEFAULT 0,
  last_opened_at timestamptz,
  FOREIGN KEY (organization_id, node_id) REFERENCES drive_node
);
CREATE UNIQUE INDEX share_link_by_id ON share_link (organization_id, id);
CREATE INDEX share_link_by_node ON share_link (organization_id, node_id);
CREATE INDEX share_link_by_creator ON share_link (organization_id, created_by, created_at);
