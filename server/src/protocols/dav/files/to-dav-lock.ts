import type { NodeLock } from "../../../domain/drive/locks/node-lock.ts";
import type { DavLock } from "../dav-tree.ts";

/** @param names of the node that was asked about: the lock is on it, or on a folder above it */
export function toDavLock(lock: NodeLock, names: readonly string[]): DavLock {
  return {
    token: lock.token,
    scope: lock.scope,
    isDeep: lock.isDeep,
    ownerXml: lock.kind === "app" ? undefined : lock.ownerXml,
    rootNames: names.slice(0, Math.max(0, names.length - lock.distance)),
    expiresAt: lock.expiresAt,
  };
}
