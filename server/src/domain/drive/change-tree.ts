import type { Transactor } from "../../store/database.ts";
import { takeModseq, takeModseqs } from "../../store/feed/take-modseq.ts";
import { brakeAfter, holdBrake } from "./brake/hold-brake.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import { requireNotPaused } from "./require-not-paused.ts";

/** The types of the files' feed: JMAP FileNode. */
export const nodeTypes = ["FileNode"] as const;

type Changing = Pick<DriveAccess, "organizationId" | "accountId" | "actor" | "subtreeId" | "viewer">;
type ChangeDeps = Pick<DriveDeps, "store" | "brake">;

/**
 * Runs one change of a tree under the lock of its feed: whatever `work` reads cannot change until it commits.
 * What `prepare` writes (blobs, grants) comes before the lock.
 * @throws DomainError `paused`
 */
export async function changeTree<T>(
  deps: ChangeDeps,
  access: Changing,
  work: (tx: Transactor, modseq: number) => Promise<T>,
  prepare?: (tx: Transactor) => Promise<void>,
): Promise<T> {
  return holdBrake(deps, () =>
    deps.store.transact(async (tx) => {
      await prepare?.(tx);
      // Sent together: a pause is written under the same lock.
      const [modseq] = await Promise.all([takeModseq(tx, access, "files", nodeTypes), requireNotPaused(tx, access)]);
      const result = await work(tx, modseq);
      await brakeAfter(tx, deps.brake, access, modseq);
      return result;
    }),
  );
}

/**
 * The same for a change of two trees, which may be one.
 * @param work is given the number of each
 */
export async function changeTrees<T>(
  deps: ChangeDeps,
  from: Changing,
  to: Changing,
  work: (tx: Transactor, modseqs: { from: number; to: number }) => Promise<T>,
): Promise<T> {
  return holdBrake(deps, () =>
    deps.store.transact(async (tx) => {
      const [taken] = await Promise.all([
        takeModseqs(tx, [from, to], "files", nodeTypes),
        requireNotPaused(tx, from),
        requireNotPaused(tx, to),
      ]);
      const modseqs = { from: taken.get(from.accountId)!, to: taken.get(to.accountId)! };
      const result = await work(tx, modseqs);
      await brakeAfter(tx, deps.brake, from, modseqs.from);
      if (to.accountId !== from.accountId) await brakeAfter(tx, deps.brake, to, modseqs.to);
      return result;
    }),
  );
}
