import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { type HistoryEntry, recordHistory } from "../../store/drive/record-history.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { setContents } from "../../store/drive/write-files.ts";
import type { DriveAccess } from "./model.ts";

export interface ReplacedContent {
  file: NodeRow;
  version: { id: string; size: number; contentType: string; modifiedAt: Date };
}

/** Makes a version of a file its content; the one before stays recoverable, outside the quota. */
export async function setCurrentVersion(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  file: NodeRow,
  version: ReplacedContent["version"],
): Promise<void> {
  writeCurrentVersions(tx, access, modseq, [{ file, version }]);
  // The file's own tree_modseq and tree_bytes move with its ancestors'.
  await touchAncestors(tx, access.organizationId, modseq, [
    { folderId: file.id, bytes: version.size - file.size, files: 0 },
  ]);
}

/** The same of several files, in statements that nothing waits for; the folders above are the caller's to tell. */
export function writeCurrentVersions(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  contents: readonly ReplacedContent[],
): void {
  if (contents.length === 0) return;
  const rows = contents.map(({ file, version: { id, ...version } }) => ({
    ...version,
    nodeId: file.id,
    versionId: id,
  }));
  setContents(tx, access.organizationId, modseq, access.viewer?.principalId ?? null, rows);
  const history = contents.map(({ file, version }): HistoryEntry => {
    const place = { parentId: file.parent_id!, name: file.name };
    return {
      ...{ action: "overwritten", nodeId: file.id, kind: "file", files: 1 },
      before: { ...place, versionId: file.version_id },
      after: { ...place, versionId: version.id },
    };
  });
  recordHistory(tx, access, modseq, access, ...history);
}
