import { randomUUID } from "node:crypto";
import type { Transactor } from "../../../store/database.ts";
import { readLocksBeneath, readLocksCovering } from "../../../store/drive/read-locks.ts";
import { lockFeed } from "../../../store/feed/lock-feed.ts";
import { requireRight } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";
import { notFound, reachNode } from "../reach-node.ts";
import { requireNotPaused } from "../require-not-paused.ts";
import { touchNode } from "../touch-node.ts";
import { isHolder, type NodeLock, toNodeLock } from "./node-lock.ts";
import { lockedBy } from "./require-unlocked.ts";

/** Seconds: what is given when nothing is asked, and the most. */
const usualTimeout = 3_600;
export const longestTimeout = 86_400;
/** Of one person in one account. */
const mostLocks = 1_000;

export interface NewLock {
  kind: NodeLock["kind"];
  scope: NodeLock["scope"];
  isDeep: boolean;
  ownerXml?: string | undefined;
  /** Seconds; what is too long is cut. Not for a lock by hand, which stays. */
  timeoutSeconds?: number | undefined;
}

/**
 * Locks a node for the viewer. Whoever writes next waits for this, and sees it: locks and writes of an account take turns.
 * @throws DomainError `forbidden`, `not_found`, `locked` for a lock in the way, `conflict` when there are too many, `paused`
 */
export async function acquireLock(
  deps: Pick<DriveDeps, "store">,
  access: DriveAccess,
  nodeId: string,
  wanted: NewLock,
): Promise<NodeLock> {
  return deps.store.transact(async (tx) => {
    await lockFeed(tx, access, "files");
    await reachNode(tx, access, nodeId);
    return insertLock(tx, access, nodeId, wanted);
  });
}

/**
 * The same for a node that is reached, under the lock of its feed.
 * @throws DomainError `forbidden`, `locked`, `conflict`, `paused`: what a device locks, nobody else can write
 */
export async function insertLock(
  tx: Transactor,
  access: DriveAccess,
  nodeId: string,
  wanted: NewLock,
): Promise<NodeLock> {
  requireRight(access, "write");
  const { viewer } = access;
  if (!viewer) throw new DomainError("forbidden", "Only somebody with a name can lock a file");
  await requireNotPaused(tx, access);
  const token = `opaquelocktoken:${randomUUID()}`;
  await requireCompatible(tx, access, nodeId, wanted);
  await requireFew(tx, access, viewer);
  await tx
    .insertInto("node_lock")
    .values({
      organization_id: access.organizationId,
      account_id: access.accountId,
      node_id: nodeId,
      token,
      kind: wanted.kind,
      scope: wanted.scope,
      is_deep: wanted.isDeep,
      owner_xml: wanted.ownerXml ?? null,
      principal_organization_id: viewer.organizationId,
      principal_id: viewer.principalId,
      expires_at: wanted.kind === "user" ? null : expiryOf(wanted.timeoutSeconds),
    })
    .execute();
  // Programs that synchronize look at a file again only when something above it moved.
  if (wanted.kind !== "dav") await touchNode(tx, access, nodeId);
  const made = (await readLocksCovering(tx, access, [nodeId])).find((row) => row.token === token);
  if (!made) throw notFound();
  return toNodeLock(made);
}

/** When a lock of so many seconds ends. */
export function expiryOf(timeoutSeconds: number | undefined): Date {
  const seconds = Math.min(longestTimeout, Math.max(1, timeoutSeconds ?? usualTimeout));
  return new Date(Date.now() + seconds * 1_000);
}

/** RFC 4918 section 6.1: shared locks go together, an exclusive one with none. */
async function requireCompatible(tx: Transactor, access: DriveAccess, nodeId: string, wanted: NewLock): Promise<void> {
  const covering = await readLocksCovering(tx, access, [nodeId]);
  const beneath = wanted.isDeep ? await readLocksBeneath(tx, access, [nodeId]) : [];
  const inTheWay = [...covering, ...beneath].map(toNodeLock).filter((lock) => {
    // A person who locked a file by hand may open it in an editor that locks it too.
    if (isHolder(access, lock) && (lock.kind === "user") !== (wanted.kind === "user")) return false;
    return wanted.scope === "exclusive" || lock.scope === "exclusive";
  });
  if (inTheWay[0]) throw lockedBy(inTheWay[0], inTheWay);
}

async function requireFew(
  tx: Transactor,
  access: DriveAccess,
  viewer: { organizationId: string; principalId: string },
): Promise<void> {
  await tx
    .deleteFrom("node_lock")
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("expires_at", "<", new Date())
    .execute();
  const { count } = await tx
    .selectFrom("node_lock")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("principal_organization_id", "=", viewer.organizationId)
    .where("principal_id", "=", viewer.principalId)
    .executeTakeFirstOrThrow();
  if (count >= mostLocks)
    throw new DomainError("conflict", "There are too many locks", { data: { reason: "too_many" } });
}
