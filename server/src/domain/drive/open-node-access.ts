import type { Store } from "../../store/database.ts";
import { readChain } from "../../store/drive/read-chain.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { DriveAccess } from "./model.ts";
import { openDrive } from "./open-drive.ts";
import { openNodeAccount } from "./open-node-account.ts";
import { notFound } from "./reach-node.ts";

/** What somebody may do with a node: all of an account that is theirs to open, or what is shared with them. */
export interface NodeAccess extends DriveAccess {
  readonly viewer: Viewer;
  /** Part of every state that a client keeps. */
  readonly grantsEpoch: number;
}

/**
 * The access of a viewer to a node of which only the id is known: by its account as `openNodeAccount`, else by the share that gives
 * the most.
 * @throws DomainError `not_found`
 */
export async function openNodeAccess(deps: { store: Store }, viewer: Viewer, nodeId: string): Promise<NodeAccess> {
  if (!isUuid(nodeId)) throw notFound();
  const { read } = deps.store;
  const account = await openNodeAccount(read, viewer, nodeId).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "not_found") return undefined;
    throw error;
  });
  if (account) return account;
  const drive = await openDrive(deps, viewer);
  const shares = drive.mounts.filter((mount) => mount.kind === "share" && mount.access.rights.has("read"));
  for (const [organizationId, mounts] of Map.groupBy(shares, (mount) => mount.access.organizationId)) {
    const chain = await readChain(read, organizationId, nodeId);
    const isLive = chain[0]?.parent_id === null && chain.every((row) => row.state === "live");
    if (!isLive) continue;
    const ids = new Set(chain.map((row) => row.id));
    const [mount] = mounts
      .filter(({ target }) => ids.has(target.id))
      .sort((a, b) => b.access.rights.size - a.access.rights.size);
    if (mount) return { ...mount.access, viewer, grantsEpoch: drive.grantsEpoch };
  }
  throw notFound();
}
