-- Small pictures of files, made when somebody first asks and kept with the version that they show. They count in no quota.
CREATE TABLE file_preview (
  organization_id uuid NOT NULL,
  version_id uuid NOT NULL,
  variant text NOT NULL CHECK (variant IN ('small', 'small_square', 'large', 'large_square')),
  blob_id uuid NOT NULL,
  content_type text NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png')),
  PRIMARY KEY (organization_id, version_id, variant),
  FOREIGN KEY (organization_id, version_id) REFERENCES file_version ON DELETE CASCADE,
  FOREIGN KEY (organization_id, blob_id) REFERENCES blob
);
CREATE INDEX file_preview_by_blob ON file_preview (organization_id, blob_id);

-- However a version ends, its pictures end with it: the collector finds their blobs without a reference.
CREATE FUNCTION forget_preview_blob() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM blob_reference
    WHERE organization_id = OLD.organization_id AND blob_id = OLD.blob_id AND kind = 'file_preview' AND owner_id = OLD.version_id;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_preview_blob AFTER DELETE ON file_preview FOR EACH ROW EXECUTE FUNCTION forget_preview_blob();

-- Who draws a version, and what came of it: what failed is tried again later, and not for ever.
CREATE TABLE preview_attempt (
  organization_id uuid NOT NULL,
  version_id uuid NOT NULL,
  attempts integer NOT NULL DEFAULT 1,
  began_at timestamptz NOT NULL DEFAULT now(),
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'made', 'failed')),
  reason text, -- of a failure
  PRIMARY KEY (organization_id, version_id),
  FOREIGN KEY (organization_id, version_id) REFERENCES file_version ON DELETE CASCADE
);
