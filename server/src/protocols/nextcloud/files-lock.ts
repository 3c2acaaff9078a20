import { findPlaceByFileId } from "../../domain/drive/drive-place.ts";
import { acquireLock } from "../../domain/drive/locks/acquire-lock.ts";
import { listLocks } from "../../domain/drive/locks/list-locks.ts";
import type { NodeLock } from "../../domain/drive/locks/node-lock.ts";
import { releaseLock } from "../../domain/drive/locks/release-lock.ts";
import { openDrive } from "../../domain/drive/open-drive.ts";
import { DomainError, toDomainError } from "../../domain/errors.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { type OcsAnswer, OcsError, type OcsRequest, type OcsRoute } from "./ocs/ocs-route.ts";

const path = "/apps/files_lock/lock/{fileId}";

/** A person locks a file by hand, for all but themselves, until they unlock it. */
export function filesLockRoutes(deps: NextcloudDeps): OcsRoute[] {
  const { store } = deps;
  const fileOf = async ({ viewer, device, path: { fileId } }: OcsRequest) => {
    const place = await findPlaceByFileId(store.read, await openDrive(deps, viewer, device), Number(fileId));
    if (!place) throw new OcsError(404, "");
    if (place.node.kind === "folder") throw new OcsError(400, "Only files are locked by hand");
    return place;
  };
  return [
    {
      method: "PUT",
      path,
      handle: async (request): Promise<OcsAnswer> => {
        const { access, node } = await fileOf(request);
        // Types 1 and 2 are those of editors and of DAV, which lock by their own ways.
        if ((request.parameters.integer("lockType") ?? 0) !== 0)
          throw new OcsError(400, "This type of lock is not set by hand");
        try {
          const wanted = { kind: "user", scope: "exclusive", isDeep: false } as const;
          return { data: describe(await acquireLock(deps, access, node.id, wanted)) };
        } catch (error) {
          if (toDomainError(error)?.code !== "locked") throw error;
          const [lock] = (await listLocks(store.read, access, [node.id])).get(node.id) ?? [];
          return { status: 423, message: "", data: lock ? describe(lock) : [] };
        }
      },
    },
    {
      method: "DELETE",
      path,
      handle: async (request) => {
        const { access, node } = await fileOf(request);
        const locks = (await listLocks(store.read, access, [node.id])).get(node.id) ?? [];
        const lock = locks.find(({ kind, nodeId }) => kind === "user" && nodeId === node.id);
        if (!lock) throw new DomainError("state_mismatch", "File is not locked");
        await releaseLock(deps, access, node.id, lock.token);
        return { data: { ...describe(lock), lock: "" } };
      },
    },
  ];
}

const types = { user: 0, app: 1, dav: 2 } as const;

function describe(lock: NodeLock) {
  const createdAt = Math.floor(lock.createdAt.getTime() / 1_000);
  const left = lock.expiresAt ? Math.max(0, Math.round((lock.expiresAt.getTime() - Date.now()) / 1_000)) : 0;
  return {
    fileId: lock.fileId,
    userId: lock.holder.uid,
    owner: lock.holder.uid,
    displayName: lock.holder.displayName,
    type: types[lock.kind],
    scope: lock.scope === "exclusive" ? 0 : 1,
    token: lock.token,
    creation: createdAt,
    ttl: lock.expiresAt ? left : 0,
    eta: lock.expiresAt ? left : -1,
    lock: "1",
  };
}
