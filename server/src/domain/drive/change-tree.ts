import type { Transactor } from "../../store/database.ts";
import { takeModseq, takeModseqs } from "../../store/feed/take-modseq.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import { requireNotPaused } from "./require-not-paused.ts";

/** The types of the files' feed: JMAP FileNode. */
export const nodeTypes = ["FileNode"] as const;

type Changing = Pick<DriveAccess, "organizationId" | "accountId" | "actor">;

/**
 * Runs one change of a tree under the lock of its feed: whatever `work` reads cannot change until it commits.
 * What `prepare` writes (blobs, grants) comes before the lock.
 * @throws DomainError `paused`
 */
export async function changeTree<T>(
  deps: Pick<DriveDeps, "store">,
  access: Changing,
  work: (tx: Transactor, modseq: number) => Promise<T>,
  prepare?: (tx: Transactor) => Promise<void>,
): Promise<T> {
  return deps.store.transact(async (tx) => {
    await prepare?.(tx);
    // Sent together: a pause is written under the same lock.
    const [modseq] = await Promise.all([takeModseq(tx, access, "files", nodeTypes), requireNotPaused(tx, access)]);
    return work(tx, modseq);
  });
}

/**
 * The same for a change of two trees, which may be one.
 * @param work is given the number of each
 */
export async function changeTrees<T>(
  deps: Pick<DriveDeps, "store">,
  from: Changing,
  to: Changing,
  work: (tx: Transactor, modseqs: { from: number; to: number }) => Promise<T>,
): Promise<T> {
  return deps.store.transact(async (tx) => {
    const [modseqs] = await Promise.all([
      takeModseqs(tx, [from, to], "files", nodeTypes),
      requireNotPaused(tx, from),
      requireNotPaused(tx, to),
    ]);
    return work(tx, { from: modseqs.get(from.accountId)!, to: modseqs.get(to.accountId)! });
  });
}
