import type { Transactor } from "../../../store/database.ts";
import { readLocksCovering } from "../../../store/drive/read-locks.ts";
import { lockFeed } from "../../../store/feed/lock-feed.ts";
import { DomainError } from "../../errors.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";
import { reachNode } from "../reach-node.ts";
import { touchNode } from "../touch-node.ts";
import { expiryOf } from "./acquire-lock.ts";
import { isHolder, type NodeLock, toNodeLock } from "./node-lock.ts";

/**
 * Gives a lock new time from now.
 * @throws DomainError `not_found`, `state_mismatch` when no such lock is on the node or above it, `forbidden` for somebody else's
 */
export async function refreshLock(
  deps: Pick<DriveDeps, "store">,
  access: DriveAccess,
  nodeId: string,
  token: string,
  timeoutSeconds: number | undefined,
): Promise<NodeLock> {
  return deps.store.transact(async (tx) => {
    await lockFeed(tx, access, "files");
    const lock = await requireHeld(tx, access, nodeId, token);
    if (!isHolder(access, lock)) throw notYours(lock);
    return prolongLock(tx, access, lock, timeoutSeconds);
  });
}

/** Under the lock of the feed. What has no end keeps none. */
export async function prolongLock(
  tx: Transactor,
  access: DriveAccess,
  lock: NodeLock,
  timeoutSeconds: number | undefined,
): Promise<NodeLock> {
  if (lock.expiresAt === null) return lock;
  const expiresAt = expiryOf(timeoutSeconds);
  await tx
    .updateTable("node_lock")
    .set({ expires_at: expiresAt })
    .where("organization_id", "=", access.organizationId)
    .where("token", "=", lock.token)
    .execute();
  return { ...lock, expiresAt };
}

/**
 * Takes a lock away: its holder's own; one set by hand also by who manages the account.
 * @throws DomainError `not_found`, `state_mismatch` when no such lock is on the node or above it, `forbidden`
 */
export async function releaseLock(
  deps: Pick<DriveDeps, "store">,
  access: DriveAccess,
  nodeId: string,
  token: string,
): Promise<NodeLock> {
  return deps.store.transact(async (tx) => {
    await lockFeed(tx, access, "files");
    const lock = await requireHeld(tx, access, nodeId, token);
    if (!mayRelease(access, lock)) throw notYours(lock);
    await removeLock(tx, access, lock);
    return lock;
  });
}

export function mayRelease(access: DriveAccess, lock: NodeLock): boolean {
  return isHolder(access, lock) || (lock.kind !== "dav" && access.rights.has("manage"));
}

/** Under the lock of the feed. */
export async function removeLock(tx: Transactor, access: DriveAccess, lock: NodeLock): Promise<void> {
  await tx
    .deleteFrom("node_lock")
    .where("organization_id", "=", access.organizationId)
    .where("token", "=", lock.token)
    .execute();
  if (lock.kind !== "dav") await touchNode(tx, access, lock.nodeId);
}

async function requireHeld(tx: Transactor, access: DriveAccess, nodeId: string, token: string): Promise<NodeLock> {
  await reachNode(tx, access, nodeId);
  const row = (await readLocksCovering(tx, access, [nodeId])).find((each) => each.token === token);
  if (!row) {
    throw new DomainError("state_mismatch", "There is no such lock here", { data: { reason: "no_such_lock" } });
  }
  return toNodeLock(row);
}

function notYours(lock: NodeLock): DomainError {
  return new DomainError("forbidden", `This is the lock of ${lock.holder.displayName}`);
}
