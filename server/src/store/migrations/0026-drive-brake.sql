-- What each device lately deleted, renamed or replaced in a space, by half minutes: what the brake counts. The history would tell the
-- same, at the cost of reading more and more of it with each change.
CREATE TABLE device_change_count (
  organization_id uuid NOT NULL, -- of the account
  account_id uuid NOT NULL,
  device_id uuid NOT NULL,
  bucket timestamptz NOT NULL,
  files bigint NOT NULL, -- each once
  removed bigint NOT NULL, -- those among them that the space does not hold any more
  first_modseq bigint NOT NULL, -- of the first of these changes
  first_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, account_id, device_id, bucket)
) WITH (fillfactor = 50);
CREATE INDEX device_change_count_by_age ON device_change_count (bucket);

-- To roll a space back does not let the device go on: what it has not sent yet would come again.
ALTER TABLE device_pause
  ADD COLUMN since_modseq bigint, -- the first of its changes; NULL when all of them were refused
  ADD COLUMN used_at timestamptz, -- the first change that somebody's yes let through: clients come back after hours
  ADD COLUMN rolled_back_at timestamptz,
  ADD COLUMN rolled_back_by uuid;

-- How far the thinning schedule has gone with a version that was superseded: 1 one a day, 2 one a week.
ALTER TABLE file_version ADD COLUMN thinning_step smallint NOT NULL DEFAULT 0;
DROP INDEX file_version_purgeable;
CREATE INDEX file_version_to_thin ON file_version (superseded_at) WHERE superseded_at IS NOT NULL AND thinning_step < 2;
CREATE INDEX file_version_superseded ON file_version (organization_id, superseded_at) WHERE superseded_at IS NOT NULL;
