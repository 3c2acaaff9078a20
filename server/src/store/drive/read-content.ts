import { inlineLimit } from "../blobs/blobs.ts";
import type { Reader } from "../database.ts";
import { prepare } from "../prepared.ts";

/** A piece of a version's content; of an empty one, a single row without a blob. */
export interface ContentRow {
  node_id: string;
  /** Of the whole version, in bytes. */
  size: number;
  modified_at: Date;
  blob_id: string | null;
  length: number | null;
  /** The bytes are in the database; `data` has them when the whole content is small. */
  is_row: boolean | null;
  data: Buffer | null;
}

// The blobs one by one: joined, a plan made before their table was counted reads them all.
const select = prepare<ContentRow>(
  "drive_content",
  `SELECT v.node_id, v.size, v.modified_at, s.blob_id, s.length, b.is_row, b.data
  FROM file_version v
  LEFT JOIN file_segment s ON s.organization_id = v.organization_id AND s.version_id = v.id
  LEFT JOIN LATERAL (SELECT data IS NOT NULL AS is_row, CASE WHEN v.size <= ${inlineLimit} THEN data END AS data FROM blob
    WHERE organization_id = $1::uuid AND id = s.blob_id OFFSET 0) b ON true
  WHERE v.organization_id = $1::uuid AND v.id = $2::uuid ORDER BY s.ordinal`,
  { isBrief: true },
);

/** The content of a version in its order; no row when there is no such version. */
export async function readContent(reader: Reader, organizationId: string, versionId: string): Promise<ContentRow[]> {
  return select.execute(reader, [organizationId, versionId]);
}
