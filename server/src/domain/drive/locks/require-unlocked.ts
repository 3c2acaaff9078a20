import type { Reader } from "../../../store/database.ts";
import { readLocksBeneath, readLocksCovering } from "../../../store/drive/read-locks.ts";
import { DomainError } from "../../errors.ts";
import type { DriveAccess } from "../model.ts";
import { type NodeLock, passes, toNodeLock } from "./node-lock.ts";

export interface Touched {
  /** Whose content, properties or members change. */
  nodes: readonly string[];
  /** That go away or move with all beneath them. */
  trees?: readonly string[];
}

/**
 * Refuses a change where somebody holds a lock, or the caller one whose token they do not show (RFC 4918 section 7). A lock on a
 * folder keeps its members: what is made, moved or deleted in it touches the folder.
 * @throws DomainError `locked`, with data.fileIds: the numbers of the locked nodes
 */
export async function requireUnlocked(reader: Reader, access: DriveAccess, touched: Touched): Promise<void> {
  const trees = touched.trees ?? [];
  const asked = [...new Set([...touched.nodes, ...trees])];
  const [above, beneath] = await Promise.all([
    readLocksCovering(reader, access, asked),
    readLocksBeneath(reader, access, trees),
  ]);
  const blocking = [
    ...blockingAmong(access, above.map(toNodeLock), (lock) => lock.askedId),
    ...blockingAmong(access, beneath.map(toNodeLock), (lock) => lock.nodeId),
  ];
  const [first] = blocking;
  if (first) throw lockedBy(first, blocking);
}

/** Of several shared locks on one node, one is enough. */
function blockingAmong(
  access: DriveAccess,
  locks: readonly NodeLock[],
  nodeOf: (lock: NodeLock) => string,
): NodeLock[] {
  return [...Map.groupBy(locks, nodeOf).values()].flatMap((those) => {
    const mayShare = those.some((lock) => lock.scope === "shared" && passes(access, lock));
    return those.filter((lock) => !passes(access, lock) && !(lock.scope === "shared" && mayShare));
  });
}

export function lockedBy(lock: NodeLock, all: readonly NodeLock[] = [lock]): DomainError {
  return new DomainError("locked", `This is locked by ${lock.holder.displayName}`, {
    data: { reason: "locked", fileIds: [...new Set(all.map((each) => each.fileId))] },
  });
}
