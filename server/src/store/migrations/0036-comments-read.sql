-- Up to when somebody has read what is said of a node.
CREATE TABLE node_comment_read (
  organization_id uuid NOT NULL,
  node_id uuid NOT NULL,
  reader_organization_id uuid NOT NULL,
  reader_id uuid NOT NULL,
  read_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, node_id, reader_organization_id, reader_id),
  FOREIGN KEY (organization_id, node_id) REFERENCES drive_node ON DELETE CASCADE
);
