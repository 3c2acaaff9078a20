-- Its user took a version from the list of the file's versions: it ends with the recovery period, and is not kept longer as history.
ALTER TABLE file_version ADD COLUMN removed_at timestamptz;
