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
  return readAndChangeTree(deps, access, { prepare, read: async () => undefined, work });
}

/** The same when what must be read is known before: it is asked for together with the lock, which saves a wait. */
export async function readAndChangeTree<R, T>(
  deps: ChangeDeps,
  access: Changing,
  steps: {
    prepare?: ((tx: Transactor) => Promise<void>) | undefined;
    /** Must send its statements at once. */
    read(tx: Transactor): Promise<R>;
    work(tx: Transactor, modseq: number, read: R): Promise<T>;
  },
): Promise<T> {
  return holdBrake(deps, () =>
    deps.store.transact(async (tx) => {
      await steps.prepare?.(tx);
      // Sent together, and answered in this order: a pause is written under the same lock.
      const [modseq, , read] = await Promise.all([
        takeModseq(tx, access, "files", nodeTypes),
        requireNotPaused(tx, access),
        steps.read(tx),
      ]);
      const result = await steps.work(tx, modseq, read);
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
