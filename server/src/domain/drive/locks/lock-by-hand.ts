import type { Transactor } from "../../../store/database.ts";
import { lockFeed } from "../../../store/feed/lock-feed.ts";
import { requireRight } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";
import { reachNode } from "../reach-node.ts";
import { insertLock } from "./acquire-lock.ts";
import { listLocks } from "./list-locks.ts";
import { isHolder, type NodeLock } from "./node-lock.ts";
import { mayRelease, removeLock } from "./release-lock.ts";
import { lockedBy } from "./require-unlocked.ts";

/**
 * A person locks a file for all but themselves, until they unlock it. Whoever has locked it already keeps that lock.
 * @throws DomainError `not_found`, `forbidden` without the right to write and for a folder (`not_a_file`), `locked` by somebody else,
 *   `paused`
 */
export async function lockByHand(
  deps: Pick<DriveDeps, "store">,
  access: DriveAccess,
  nodeId: string,
): Promise<NodeLock> {
  requireRight(access, "write");
  return deps.store.transact(async (tx) => {
    await lockFeed(tx, access, "files");
    const { node } = await reachNode(tx, access, nodeId);
    if (node.kind === "folder") {
      throw new DomainError("forbidden", "Only files are locked by hand", { data: { reason: "not_a_file" } });
    }
    const known = await findByHand(tx, access, nodeId);
    if (known && isHolder(access, known)) return known;
    return insertLock(tx, access, nodeId, { kind: "user", scope: "exclusive", isDeep: false });
  });
}

/**
 * Takes such a lock away: whoever set it, or who manages the account.
 * @returns the lock that was
 * @throws DomainError `not_found`, `state_mismatch` when there is none, `locked` when it is somebody else's
 */
export async function unlockByHand(
  deps: Pick<DriveDeps, "store">,
  access: DriveAccess,
  nodeId: string,
): Promise<NodeLock> {
  return deps.store.transact(async (tx) => {
    await lockFeed(tx, access, "files");
    await reachNode(tx, access, nodeId);
    const lock = await findByHand(tx, access, nodeId);
    if (!lock) throw new DomainError("state_mismatch", "File is not locked", { data: { reason: "no_such_lock" } });
    if (!mayRelease(access, lock)) throw lockedBy(lock);
    await removeLock(tx, access, lock);
    return lock;
  });
}

async function findByHand(tx: Transactor, access: DriveAccess, nodeId: string): Promise<NodeLock | undefined> {
  const locks = (await listLocks(tx, access, [nodeId])).get(nodeId) ?? [];
  return locks.find(({ kind, distance }) => kind === "user" && distance === 0);
}
