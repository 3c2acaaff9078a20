-- A tree that is being copied from another organization: it is put together out of sight, in as many transactions as it needs, and
-- appears in one. What never appears is purged.
ALTER TABLE drive_node DROP CONSTRAINT drive_node_state_check;
ALTER TABLE drive_node ADD CONSTRAINT drive_node_state_check CHECK (state IN ('live', 'arriving', 'trashed', 'deleted', 'purged'));
DROP INDEX drive_node_purgeable;
CREATE INDEX drive_node_purgeable ON drive_node (state, removed_at) WHERE state IN ('arriving', 'deleted', 'purged');
-- For the trash that empties itself.
CREATE INDEX drive_node_trashed ON drive_node (removed_at) WHERE state = 'trashed' AND removed_at IS NOT NULL;

-- What a node that is purged leaves behind elsewhere.
CREATE INDEX drive_mount_by_target ON drive_mount (target_organization_id, target_node_id);
CREATE INDEX node_favorite_by_node ON node_favorite (node_organization_id, node_id);
