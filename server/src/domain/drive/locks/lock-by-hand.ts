import type { Transactor } from "../../../store/database.ts";
import { lockFeed } from "../../../store/feed/lock-feed.ts";
import { requireRight } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";
import { reachNode } from "../reach-node.ts";
import { touchNode } from "../touch-node.ts";
import { insertLock, longestTimeout } from "./acquire-lock.ts";
import { listLocks } from "./list-locks.ts";
import { isHolder, type NodeLock } from "./node-lock.ts";
import { mayRelease, prolongLock, removeLock } from "./release-lock.ts";
import { lockedBy } from "./require-unlocked.ts";

/** `user`: for all but themselves. `dav`: of the program that opens the file, which shows the token to write. */
type HandKind = Extract<NodeLock["kind"], "user" | "dav">;

/**
 * A person, or a program for them, locks a file without asking for a token. A person's lock stays until it is taken away; a
 * program's ends after a day, since nothing renews it and a computer may never come back. Whoever has such a lock keeps it.
 * @throws DomainError `not_found`, `forbidden` without the right to write and for a folder (`not_a_file`), `locked` by somebody else,
 *   `paused`
 */
export async function lockByHand(
  deps: Pick<DriveDeps, "store">,
  access: DriveAccess,
  nodeId: string,
  kind: HandKind = "user",
): Promise<NodeLock> {
  requireRight(access, "write");
  return deps.store.transact(async (tx) => {
    await lockFeed(tx, access, "files");
    const { node } = await reachNode(tx, access, nodeId);
    if (node.kind === "folder") {
      throw new DomainError("forbidden", "Only files are locked by hand", { data: { reason: "not_a_file" } });
    }
    const own = (await locksOn(tx, access, nodeId)).find(
      (lock) => lock.kind === kind && lock.scope === "exclusive" && isHolder(access, lock),
    );
    if (own) return prolongLock(tx, access, own, longestTimeout);
    const wanted = { kind, scope: "exclusive", isDeep: false, timeoutSeconds: longestTimeout } as const;
    const made = await insertLock(tx, access, nodeId, wanted);
    // Of a program's own lock nobody is told: it comes and goes with each write.
    if (kind === "dav") await touchNode(tx, access, nodeId);
    return made;
  });
}

/**
 * Takes such a lock away: whoever set it, or of a person's lock who manages the account. Of several the one of this kind; when there is
 * none, what else the caller holds on the file, since older clients do not say which kind they mean.
 * @returns the lock that was
 * @throws DomainError `not_found`, `state_mismatch` when there is none, `locked` when it is somebody else's
 */
export async function unlockByHand(
  deps: Pick<DriveDeps, "store">,
  access: DriveAccess,
  nodeId: string,
  kind: HandKind = "user",
): Promise<NodeLock> {
  return deps.store.transact(async (tx) => {
    await lockFeed(tx, access, "files");
    await reachNode(tx, access, nodeId);
    const locks = await locksOn(tx, access, nodeId);
    const [first] = locks;
    if (!first) throw new DomainError("state_mismatch", "File is not locked", { data: { reason: "no_such_lock" } });
    const ofKind = (lock: NodeLock) => lock.kind === kind && mayRelease(access, lock);
    const lock = locks.find(ofKind) ?? locks.find((each) => isHolder(access, each));
    if (!lock) throw lockedBy(first);
    await removeLock(tx, access, lock);
    if (lock.kind === "dav") await touchNode(tx, access, nodeId);
    return lock;
  });
}

/** Not those of folders above. */
async function locksOn(tx: Transactor, access: DriveAccess, nodeId: string): Promise<NodeLock[]> {
  const locks = (await listLocks(tx, access, [nodeId])).get(nodeId) ?? [];
  return locks.filter(({ distance }) => distance === 0);
}
