import { createHash } from "node:crypto";
import { uuidv7 } from "../../../store/uuid.ts";
import { requireRight } from "../../access/account-access.ts";
import { changeTree } from "../change-tree.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";
import type { FilePlace } from "../place-file.ts";
import { placeFiles, surveyPlaces } from "../place-files.ts";
import { insertLock, type NewLock } from "./acquire-lock.ts";
import type { NodeLock } from "./node-lock.ts";

/**
 * Locks a name that nothing has yet: from now on there is an empty file (RFC 4918 section 9.10.4). Both or neither.
 * @throws DomainError `state_mismatch` when something has the name by now; as `uploadFile` and `acquireLock`
 */
export async function lockNewFile(
  deps: Pick<DriveDeps, "store" | "brake">,
  access: DriveAccess,
  place: { folderId: string; name: string },
  wanted: NewLock,
): Promise<NodeLock> {
  requireRight(access, "write");
  const empty: FilePlace = { ...place, onConflict: "replace", replacesVersion: null };
  const nothing = { size: 0, sha256: createHash("sha256").digest(), checksums: [], segments: [], isUnscanned: false };
  const content = { ...nothing, versionId: uuidv7() };
  return changeTree(deps, access, async (tx, modseq) => {
    const surveyed = await surveyPlaces(tx, access, [empty], { isWrite: true });
    const [placed] = await placeFiles(tx, access, modseq, [{ place: empty, content }], surveyed);
    return insertLock(tx, access, placed!.id, wanted);
  });
}
