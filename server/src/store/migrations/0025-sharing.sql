-- Who shares may be of another organization than what is shared: a share that is given on.
ALTER TABLE grant_given ADD COLUMN created_by_organization uuid; -- NULL: of the organization of the account
ALTER TABLE share_link ADD COLUMN created_by_organization uuid;
CREATE INDEX grant_given_by_creator ON grant_given (created_by) WHERE collection_kind = 'node';
CREATE INDEX share_link_live_by_creator ON share_link (created_by) WHERE revoked_at IS NULL;
CREATE INDEX link_visit_newest ON link_visit (organization_id, link_id, id DESC);
