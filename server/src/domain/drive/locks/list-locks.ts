import type { Reader } from "../../../store/database.ts";
import { readLocksCovering } from "../../../store/drive/read-locks.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { type NodeLock, toNodeLock } from "./node-lock.ts";

/** The locks in force on nodes of one account, deep ones above them too, by the id of the node; one query for all. */
export async function listLocks(
  reader: Reader,
  key: AccountKey,
  nodeIds: readonly string[],
): Promise<ReadonlyMap<string, readonly NodeLock[]>> {
  const rows = await readLocksCovering(reader, key, nodeIds);
  return Map.groupBy(rows.map(toNodeLock), (lock) => lock.askedId);
}
