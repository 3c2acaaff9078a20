import { findPlaceByFileId } from "../../../domain/drive/drive-place.ts";
import { DomainError } from "../../../domain/errors.ts";
import { LockedError } from "../locked-error.ts";
import type { FileSpace } from "./file-space.ts";

/** What was thrown; of a lock in the way, with the names under which this viewer sees the locked nodes. */
export async function toLockedError(tree: FileSpace, error: unknown): Promise<unknown> {
  if (!(error instanceof DomainError) || error.code !== "locked") return error;
  const fileIds = (error.data?.fileIds ?? []) as readonly number[];
  const names: (readonly string[])[] = [];
  for (const fileId of fileIds.slice(0, 20)) {
    const place = await findPlaceByFileId(tree.deps.store.read, tree.drive, fileId);
    if (place) names.push(place.names);
  }
  return names.length > 0 ? new LockedError(tree, names) : error;
}
