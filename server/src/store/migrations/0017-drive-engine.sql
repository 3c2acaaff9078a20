-- The engine of the drive: shares of single nodes, where each viewer sees what is shared with them, the history of every change,
-- locks, properties, uploads in pieces, the brake.

-- Grants on a collection name its kind: a mailbox, or a node of the drive with all beneath. A share is a grant on a node.
ALTER TABLE grant_given
  ADD COLUMN collection_kind text CHECK (collection_kind IN ('mailbox', 'node')),
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN note text,
  ADD COLUMN share_number bigint; -- global, what the client API of a share calls it
ALTER TABLE grant_received
  ADD COLUMN collection_kind text CHECK (collection_kind IN ('mailbox', 'node')),
  ADD COLUMN expires_at timestamptz;
UPDATE grant_given SET collection_kind = 'mailbox' WHERE collection_id IS NOT NULL;
UPDATE grant_received SET collection_kind = 'mailbox' WHERE collection_id IS NOT NULL;
ALTER TABLE grant_given ADD CHECK ((collection_id IS NULL) = (collection_kind IS NULL));
ALTER TABLE grant_received ADD CHECK ((collection_id IS NULL) = (collection_kind IS NULL));
CREATE SEQUENCE share_number AS bigint START 1;
CREATE UNIQUE INDEX grant_given_by_share_number ON grant_given (share_number) WHERE share_number IS NOT NULL;
CREATE INDEX grant_given_by_collection ON grant_given (organization_id, collection_id) WHERE collection_id IS NOT NULL;
CREATE INDEX grant_expiring ON grant_given (expires_at) WHERE expires_at IS NOT NULL;

-- To create is a right of its own in a team folder: who could write could create.
UPDATE grant_given g SET rights = array_append(rights, 'create')
  FROM account a JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id AND p.kind = 'team_folder'
  WHERE a.organization_id = g.organization_id AND a.id = g.account_id AND 'write' = ANY(g.rights);
UPDATE grant_received g SET rights = array_append(rights, 'create')
  FROM account a JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id AND p.kind = 'team_folder'
  WHERE a.organization_id = g.account_organization_id AND a.id = g.account_id AND 'write' = ANY(g.rights);

-- Where a viewer sees a node or a team folder that is not theirs: a name in a folder of their own drive.
CREATE TABLE drive_mount (
  organization_id uuid NOT NULL, -- of the viewer
  principal_id uuid NOT NULL,
  target_organization_id uuid NOT NULL,
  target_node_id uuid NOT NULL,
  parent_id uuid NOT NULL, -- in the viewer's own drive
  name text NOT NULL, -- NFC
  is_hidden boolean NOT NULL DEFAULT false, -- the viewer left the share of a group
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, principal_id, target_organization_id, target_node_id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal,
  FOREIGN KEY (organization_id, parent_id) REFERENCES drive_node (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX drive_mount_name ON drive_mount (organization_id, principal_id, parent_id, name) WHERE NOT is_hidden;
CREATE INDEX drive_mount_by_parent ON drive_mount (organization_id, parent_id);

-- Live files beneath a folder, itself for a file: kept as tree_bytes is.
ALTER TABLE drive_node ADD COLUMN tree_files bigint NOT NULL DEFAULT 0;
WITH RECURSIVE up AS (
  SELECT organization_id, id, parent_id FROM drive_node WHERE kind = 'file'
  UNION ALL
  SELECT n.organization_id, n.id, n.parent_id FROM up JOIN drive_node n ON n.organization_id = up.organization_id AND n.id = up.parent_id
), total AS (SELECT organization_id, id, count(*) AS files FROM up GROUP BY 1, 2)
UPDATE drive_node n SET tree_files = total.files FROM total WHERE n.organization_id = total.organization_id AND n.id = total.id;

-- Every change of a tree, in the order of its feed: what the activity shows, what the brake counts, what a roll-back undoes, and
-- what left a folder by a move. A node that did not exist before has no place before; one that is in the trash has none after.
CREATE TABLE drive_history (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  modseq bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT now(),
  action text NOT NULL CHECK (action IN ('created', 'overwritten', 'renamed', 'moved', 'trashed', 'restored', 'left', 'arrived')),
  node_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('folder', 'file')),
  files bigint NOT NULL, -- that this change concerned: of a folder, those beneath it
  parent_before uuid,
  name_before text,
  version_before uuid,
  parent_after uuid,
  name_after text,
  version_after uuid,
  actor_id uuid, -- a principal, of any organization
  actor_organization_id uuid,
  device_id uuid, -- the app password by which it came
  link_id uuid, -- the link by which an outside person came
  actor_name text, -- what that person calls themselves
  PRIMARY KEY (organization_id, account_id, modseq, id)
);
CREATE UNIQUE INDEX drive_history_by_id ON drive_history (id);
CREATE INDEX drive_history_by_time ON drive_history (organization_id, account_id, at);
CREATE INDEX drive_history_by_node ON drive_history (organization_id, node_id, id);
CREATE INDEX drive_history_by_device ON drive_history (device_id, at) WHERE device_id IS NOT NULL;
CREATE INDEX drive_history_by_age ON drive_history USING brin (at);

-- A device that changed too much at once. Its writes wait until somebody decides.
CREATE TABLE device_pause (
  organization_id uuid NOT NULL, -- of the account
  account_id uuid NOT NULL,
  device_id uuid NOT NULL,
  device_organization_id uuid NOT NULL,
  principal_id uuid NOT NULL, -- whose device it is
  device_name text NOT NULL,
  paused_at timestamptz NOT NULL DEFAULT now(),
  before timestamptz NOT NULL, -- the minute before the first of those changes: what a roll-back goes to
  files_changed bigint NOT NULL,
  files_total bigint NOT NULL,
  decided_at timestamptz,
  decided_by uuid,
  decision text CHECK (decision IN ('allowed', 'rolled_back')),
  PRIMARY KEY (organization_id, account_id, device_id, paused_at)
);
CREATE UNIQUE INDEX device_pause_open ON device_pause (organization_id, account_id, device_id) WHERE decided_at IS NULL;
CREATE INDEX device_pause_by_device ON device_pause (device_id) WHERE decided_at IS NULL;

-- RFC 4918 sections 6 and 7; also the locks that people set by hand.
CREATE TABLE node_lock (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  account_id uuid NOT NULL,
  node_id uuid NOT NULL,
  token text NOT NULL, -- the URI of the lock
  kind text NOT NULL CHECK (kind IN ('dav', 'user', 'app')),
  scope text NOT NULL CHECK (scope IN ('exclusive', 'shared')),
  is_deep boolean NOT NULL, -- Depth: infinity
  owner_xml text, -- what the client said of its owner
  principal_organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz, -- NULL: until it is taken away
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, node_id) REFERENCES drive_node ON DELETE CASCADE
);
CREATE UNIQUE INDEX node_lock_by_token ON node_lock (token);
CREATE INDEX node_lock_by_node ON node_lock (organization_id, node_id);
CREATE INDEX node_lock_by_account ON node_lock (organization_id, account_id);

-- Dead properties (RFC 4918 section 4), as the client wrote them.
CREATE TABLE node_property (
  organization_id uuid NOT NULL,
  node_id uuid NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  value text NOT NULL, -- XML, from the start to the end tag
  PRIMARY KEY (organization_id, node_id, namespace, name),
  FOREIGN KEY (organization_id, node_id) REFERENCES drive_node ON DELETE CASCADE
);

CREATE TABLE node_favorite (
  organization_id uuid NOT NULL, -- of the viewer
  principal_id uuid NOT NULL,
  node_organization_id uuid NOT NULL,
  node_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, principal_id, node_organization_id, node_id)
);

CREATE SEQUENCE drive_note_number AS bigint START 1;
CREATE TABLE node_tag (
  organization_id uuid NOT NULL,
  number bigint NOT NULL DEFAULT nextval('drive_note_number'),
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, number)
);
CREATE UNIQUE INDEX node_tag_name ON node_tag (organization_id, lower(name));
CREATE TABLE node_tagging (
  organization_id uuid NOT NULL,
  node_id uuid NOT NULL,
  tag_number bigint NOT NULL,
  PRIMARY KEY (organization_id, node_id, tag_number),
  FOREIGN KEY (organization_id, node_id) REFERENCES drive_node ON DELETE CASCADE,
  FOREIGN KEY (organization_id, tag_number) REFERENCES node_tag ON DELETE CASCADE
);
CREATE INDEX node_tagging_by_tag ON node_tagging (organization_id, tag_number);
CREATE TABLE node_comment (
  organization_id uuid NOT NULL,
  number bigint NOT NULL DEFAULT nextval('drive_note_number'),
  node_id uuid NOT NULL,
  author_organization_id uuid NOT NULL,
  author_id uuid NOT NULL,
  text text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, number),
  FOREIGN KEY (organization_id, node_id) REFERENCES drive_node ON DELETE CASCADE
);
CREATE INDEX node_comment_by_node ON node_comment (organization_id, node_id, number);

-- A file that comes in pieces. Each piece is a blob of its own until the file is put together, which moves no byte.
CREATE TABLE upload_session (
  organization_id uuid NOT NULL, -- of the person
  id uuid NOT NULL DEFAULT uuidv7(),
  principal_id uuid NOT NULL,
  name text NOT NULL, -- as the client calls it
  total_bytes bigint, -- when the client says it
  received_bytes bigint NOT NULL DEFAULT 0,
  target_account_id uuid, -- when the client says where it goes
  created_at timestamptz NOT NULL DEFAULT now(),
  touched_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);
CREATE UNIQUE INDEX upload_session_by_name ON upload_session (organization_id, principal_id, name);
CREATE INDEX upload_session_by_age ON upload_session (touched_at);
CREATE TABLE upload_chunk (
  organization_id uuid NOT NULL,
  session_id uuid NOT NULL,
  name text NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(), -- the owner of its blob's reference, of kind upload_chunk
  blob_id uuid, -- NULL when it is empty
  length bigint NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, session_id, name),
  FOREIGN KEY (organization_id, session_id) REFERENCES upload_session ON DELETE CASCADE
);

-- What the client said its bytes were, verified; names of versions.
ALTER TABLE file_version
  ADD COLUMN sha1 bytea,
  ADD COLUMN md5 bytea,
  ADD COLUMN adler32 bytea,
  ADD COLUMN sha3_256 bytea,
  ADD COLUMN label text,
  ADD COLUMN created_by_organization uuid;

-- What a link allows beyond reading, and for how long.
ALTER TABLE share_link
  ADD COLUMN share_number bigint NOT NULL DEFAULT nextval('share_number'),
  ADD COLUMN rights text[] NOT NULL DEFAULT '{read}', -- read, write, create, delete; create alone: a file request
  ADD COLUMN may_download boolean NOT NULL DEFAULT true,
  ADD COLUMN download_limit integer CHECK (download_limit > 0),
  ADD COLUMN download_count integer NOT NULL DEFAULT 0,
  ADD COLUMN note text,
  ADD COLUMN recipient text, -- the address to which it was sent
  ADD COLUMN warned_at timestamptz; -- its maker was told that it ends soon
CREATE UNIQUE INDEX share_link_by_number ON share_link (share_number);
CREATE INDEX share_link_ending ON share_link (expires_at) WHERE expires_at IS NOT NULL AND revoked_at IS NULL;
CREATE TABLE link_visit (
  organization_id uuid NOT NULL,
  link_id uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT now(),
  action text NOT NULL CHECK (action IN ('opened', 'downloaded', 'uploaded', 'changed')),
  visitor_name text, -- what the person calls themselves, when asked
  network text NOT NULL, -- not the whole address
  node_id uuid,
  PRIMARY KEY (organization_id, link_id, id)
);
CREATE INDEX link_visit_by_age ON link_visit USING brin (at);

-- Devices: asked to forget what they hold; signing in by a page of the portal (login flow, version 2).
ALTER TABLE app_password
  ADD COLUMN wipe_requested_at timestamptz,
  ADD COLUMN wiped_at timestamptz;
CREATE TABLE device_login (
  poll_hash bytea PRIMARY KEY, -- of the token by which the device asks
  page_hash bytea NOT NULL, -- of the token in the address of the page
  device_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  organization_id uuid,
  principal_id uuid,
  login_name text,
  sealed_secret bytea -- the app password, until it is fetched, once
);
CREATE UNIQUE INDEX device_login_by_page ON device_login (page_hash);
CREATE INDEX device_login_by_age ON device_login (expires_at);

CREATE TABLE user_status (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('online', 'away', 'dnd', 'busy', 'invisible', 'offline')),
  message text,
  icon text,
  clear_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, principal_id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);

-- What a person is told until they have seen it: a share, a paused device, a link that ends.
CREATE TABLE notification (
  organization_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  topic text NOT NULL,
  data jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, principal_id, id),
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);
CREATE INDEX notification_by_age ON notification USING brin (created_at);
