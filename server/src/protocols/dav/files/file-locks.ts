import { acquireLock } from "../../../domain/drive/locks/acquire-lock.ts";
import { listLocks } from "../../../domain/drive/locks/list-locks.ts";
import { lockByHand, unlockByHand } from "../../../domain/drive/locks/lock-by-hand.ts";
import { lockNewFile } from "../../../domain/drive/locks/lock-new-file.ts";
import type { NodeLock } from "../../../domain/drive/locks/node-lock.ts";
import { refreshLock, releaseLock } from "../../../domain/drive/locks/release-lock.ts";
import { DomainError } from "../../../domain/errors.ts";
import { DavError } from "../dav-error.ts";
import type { DavLock, DavLocks, LockRequest } from "../dav-tree.ts";
import { lockProperties } from "./file-properties.ts";
import type { FileResource } from "./file-resource.ts";
import type { FileSpace } from "./file-space.ts";
import { toDavLock } from "./to-dav-lock.ts";
import { toLockedError } from "./to-locked-error.ts";

const noMatch = "<d:lock-token-matches-request-uri/>";

/** The locks of a drive's files and folders. */
export class FileLocks implements DavLocks {
  readonly #tree: FileSpace;

  constructor(tree: FileSpace) {
    this.#tree = tree;
  }

  async covering(names: readonly string[], resource: FileResource | undefined): Promise<DavLock[]> {
    if (resource) {
      const locks = await this.#locksOn(resource);
      return locks.map((lock) => toDavLock(lock, resource.names));
    }
    // What is not there yet is covered by what covers its folder, if deep; a lock of the folder alone keeps its members too.
    for (let length = names.length - 1; length >= 0; length -= 1) {
      const above = await this.#tree.find(names.slice(0, length));
      if (!above) continue;
      const locks = await this.#locksOn(above);
      return locks.filter((lock) => lock.isDeep).map((lock) => toDavLock(lock, above.names));
    }
    return [];
  }

  async acquire(
    names: readonly string[],
    resource: FileResource | undefined,
    request: LockRequest,
  ): Promise<{ lock: DavLock; isNew: boolean }> {
    const { deps } = this.#tree;
    const wanted = { kind: "dav", ...request } as const;
    if (resource) {
      const { access, node } = resource.place;
      const lock = await this.#run(() => acquireLock(deps, access, node.id, wanted));
      return { lock: toDavLock(lock, resource.names), isNew: false };
    }
    const { folder, name } = await this.#tree.target(names, undefined);
    const place = { folderId: folder.folderId, name };
    const lock = await this.#run(() => lockNewFile(deps, folder.access, place, wanted));
    return { lock: toDavLock(lock, names), isNew: true };
  }

  async refresh({ names, place }: FileResource, token: string, timeoutSeconds: number | undefined): Promise<DavLock> {
    const lock = await refreshLock(this.#tree.deps, place.access, place.node.id, token, timeoutSeconds).catch(
      noSuchLock(412),
    );
    return toDavLock(lock, names);
  }

  async release({ place }: FileResource, token: string): Promise<void> {
    await releaseLock(this.#tree.deps, place.access, place.node.id, token).catch(noSuchLock(409));
  }

  async setByHand(
    resource: FileResource,
    isLocked: boolean,
    kind: "user" | "dav",
  ): Promise<{ isDone: boolean; properties: string }> {
    const { access, node } = resource.place;
    const change = isLocked ? lockByHand : unlockByHand;
    const isDone = await change(this.#tree.deps, access, node.id, kind).then(
      () => true,
      (error: unknown) => {
        if (error instanceof DomainError && error.code === "locked") return false;
        throw error;
      },
    );
    const names = [...lockProperties.keys()];
    const reader = await this.#tree.readProperties([resource], { kind: "prop", names });
    return { isDone, properties: names.map((name) => reader.element(resource, name) ?? "").join("") };
  }

  async #locksOn({ place }: FileResource): Promise<readonly NodeLock[]> {
    const { node, access } = place;
    return (await listLocks(this.#tree.deps.store.read, access, [node.id])).get(node.id) ?? [];
  }

  async #run<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      throw await toLockedError(this.#tree, error);
    }
  }
}

function noSuchLock(status: number): (error: unknown) => never {
  return (error) => {
    if (error instanceof DomainError && error.code === "state_mismatch") {
      throw new DavError(status, "There is no such lock here", { condition: noMatch, cause: error });
    }
    throw error;
  };
}
