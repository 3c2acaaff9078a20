-- Whoever looks a name up in a folder finds it by either index: before the table was counted, the planner may take the smaller one,
-- which led to all that is in the folder.
DROP INDEX drive_node_by_parent;
CREATE INDEX drive_node_by_parent ON drive_node (organization_id, parent_id, name);

-- Each change rewrites the rows of the folders above it, in columns that no index has: with room left on its page, a row stays there and
-- its index entries as they are.
ALTER TABLE drive_node SET (fillfactor = 90);
ALTER TABLE quota SET (fillfactor = 50);
