import type { Transactor } from "../../store/database.ts";
import { type AccountKey, takeModseq } from "../../store/feed/take-modseq.ts";
import type { DriveDeps } from "./model.ts";

/** The types of the files' feed: JMAP FileNode. */
export const nodeTypes = ["FileNode"] as const;

/**
 * Runs one change of a tree under the lock of its feed: whatever `work` reads cannot change until it commits.
 * What `prepare` writes (blobs) comes before the lock.
 */
export async function changeTree<T>(
  deps: Pick<DriveDeps, "store">,
  key: AccountKey,
  work: (tx: Transactor, modseq: number) => Promise<T>,
  prepare?: (tx: Transactor) => Promise<void>,
): Promise<T> {
  return deps.store.transact(async (tx) => {
    await prepare?.(tx);
    return work(tx, await takeModseq(tx, key, "files", nodeTypes));
  });
}
