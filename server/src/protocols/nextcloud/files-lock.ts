import { findPlaceByFileId, type Place } from "../../domain/drive/drive-place.ts";
import { listLocks } from "../../domain/drive/locks/list-locks.ts";
import { lockByHand, unlockByHand } from "../../domain/drive/locks/lock-by-hand.ts";
import type { NodeLock } from "../../domain/drive/locks/node-lock.ts";
import { openDrive } from "../../domain/drive/open-drive.ts";
import { toDomainError } from "../../domain/errors.ts";
import { bareToken } from "../dav/lock-xml.ts";
import { handKinds } from "../dav/methods/lock.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { type OcsAnswer, OcsError, type OcsRequest, type OcsRoute } from "./ocs/ocs-route.ts";

const path = "/apps/files_lock/lock/{fileId}";

/** Nextcloud's files_lock: a person, or a program for them, locks a file until they unlock it. */
export function filesLockRoutes(deps: NextcloudDeps): OcsRoute[] {
  const { store } = deps;
  const fileOf = async ({ viewer, device, path: { fileId }, parameters }: OcsRequest) => {
    const kind = handKinds.get(String(parameters.integer("lockType") ?? 0));
    if (!kind) throw new OcsError(400, "Locks of type 0 (of a person) and 2 (of a program) are set here");
    const place = await findPlaceByFileId(store.read, await openDrive(deps, viewer, device), Number(fileId));
    if (!place) throw new OcsError(404, "");
    if (place.node.kind === "folder") throw new OcsError(400, "Only files are locked by hand");
    return { place, kind };
  };
  /** Of a file that somebody else has locked, the answer shows their lock. */
  const orLocked = async ({ access, node }: Place, change: Promise<OcsAnswer>): Promise<OcsAnswer> => {
    try {
      return await change;
    } catch (error) {
      const known = toDomainError(error);
      if (known?.code !== "locked") throw error;
      const [lock] = (await listLocks(store.read, access, [node.id])).get(node.id) ?? [];
      return { status: 423, message: known.message, data: lock ? describe(lock) : [] };
    }
  };
  return [
    {
      method: "PUT",
      path,
      handle: async (request) => {
        const { place, kind } = await fileOf(request);
        const change = lockByHand(deps, place.access, place.node.id, kind).then((lock) => ({ data: describe(lock) }));
        return orLocked(place, change);
      },
    },
    {
      method: "DELETE",
      path,
      handle: async (request) => {
        const { place, kind } = await fileOf(request);
        const change = unlockByHand(deps, place.access, place.node.id, kind).then((lock) => ({
          data: { ...describe(lock), lock: "" },
        }));
        return orLocked(place, change);
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
    token: bareToken(lock),
    creation: createdAt,
    ttl: lock.expiresAt ? left : 0,
    eta: lock.expiresAt ? left : -1,
    lock: "1",
  };
}
