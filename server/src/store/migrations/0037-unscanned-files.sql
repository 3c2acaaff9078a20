-- Longer than the virus scanner takes: kept all the same. What was here before, and where no scanner is configured, says nothing.
ALTER TABLE file_version ADD COLUMN is_unscanned boolean NOT NULL DEFAULT false;
ALTER TABLE upload_chunk ADD COLUMN is_unscanned boolean NOT NULL DEFAULT false;
