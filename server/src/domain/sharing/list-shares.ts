import { sql } from "kysely";
import type { DriveAccess } from "../drive/model.ts";
import { type OpenedDrive, openDrive } from "../drive/open-drive.ts";
import { openNodeAccess } from "../drive/open-node-access.ts";
import { reachNode } from "../drive/reach-node.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { SharerAccess, SharingDeps } from "./model.ts";
import { readShares, type Share } from "./share.ts";

/**
 * With whom a node is shared, as far as the viewer may know: all for whoever may share in the whole space, else what they gave
 * themselves.
 * @param options.beneath of what stands in a folder, instead of the folder
 * @throws DomainError `not_found`
 */
export async function listShares(
  deps: SharingDeps,
  access: DriveAccess,
  nodeId: string,
  options: { beneath?: boolean } = {},
): Promise<Share[]> {
  const { node } = await reachNode(deps.store.read, access, nodeId);
  const which = options.beneath ? sql`n.parent_id = ${node.id} AND n.state = 'live'` : sql`n.id = ${node.id}`;
  const shares = await readShares(
    deps.store.read,
    sql`g.organization_id = ${node.organization_id} AND g.account_id = ${node.account_id} AND ${which}`,
  );
  return shares.filter((share) => mayManage(access, share));
}

/** What of the folders above a node is shared makes it shared too. @throws DomainError `not_found` */
export async function listInheritedShares(deps: SharingDeps, access: DriveAccess, nodeId: string): Promise<Share[]> {
  const { chain } = await reachNode(deps.store.read, access, nodeId);
  const above = chain.slice(0, -1).map((row) => row.id);
  if (above.length === 0) return [];
  const shares = await readShares(
    deps.store.read,
    sql`g.organization_id = ${access.organizationId} AND g.account_id = ${access.accountId} AND n.id = ANY(${above}::uuid[])`,
  );
  return shares.filter((share) => mayManage(access, share));
}

/** What the viewer shares with others, newest first. */
export async function listSharesByMe(deps: SharingDeps, viewer: Viewer): Promise<Share[]> {
  const shares = await readShares(
    deps.store.read,
    sql`(g.created_by = ${viewer.principalId} OR g.account_id = (SELECT a.id FROM account a
      WHERE a.organization_id = ${viewer.organizationId} AND a.owner_id = ${viewer.principalId} AND a.deleted_at IS NULL))`,
  );
  return shares.filter((share) => share.node.path !== undefined);
}

export interface ReceivedShare {
  share: Share;
  /** From the root of the viewer's own drive. */
  names: readonly string[];
}

/** What others share with the viewer, where they see it, by name. @param drive of the viewer, when it is open already */
export async function listSharedWithMe(
  deps: SharingDeps,
  viewer: Viewer,
  drive?: OpenedDrive,
): Promise<ReceivedShare[]> {
  const { mounts } = drive ?? (await openDrive(deps, viewer));
  const numbers = mounts.flatMap((mount) => (mount.kind === "share" ? (mount.shareNumber ?? []) : []));
  if (numbers.length === 0) return [];
  const shares = await readShares(deps.store.read, sql`g.share_number = ANY(${numbers}::bigint[])`);
  const byNumber = new Map(shares.map((share) => [share.number, share]));
  return mounts.flatMap((mount) => {
    const share = mount.shareNumber === null ? undefined : byNumber.get(mount.shareNumber);
    // By several ways: what they give together.
    return share ? [{ share: { ...share, rights: mount.access.rights }, names: mount.names }] : [];
  });
}

/** What the viewer may do with a share itself. */
export type ShareRole = "manager" | "receiver";

export interface OpenedShare {
  share: Share;
  role: ShareRole;
  /** Of a manager, to what is shared. */
  access: SharerAccess | undefined;
  /** Of a receiver: where they see it. */
  names: readonly string[] | undefined;
}

/** A share that the viewer gives or receives. @throws DomainError `not_found` */
export async function openShare(deps: SharingDeps, viewer: Viewer, number: number): Promise<OpenedShare> {
  const [share] = Number.isSafeInteger(number)
    ? await readShares(deps.store.read, sql`g.share_number = ${number}`)
    : [];
  if (share) {
    const access = await openNodeAccess(deps, viewer, share.node.id).catch((error: unknown) => {
      if (error instanceof DomainError && error.code === "not_found") return undefined;
      throw error;
    });
    if (access?.accountId === share.node.accountId && mayManage(access, share)) {
      return { share, role: "manager", access, names: undefined };
    }
    const drive = await openDrive(deps, viewer);
    const mount = drive.mounts.find((each) => each.target.id === share.node.id);
    if (mount?.shareNumber === number) return { share, role: "receiver", access: undefined, names: mount.names };
  }
  throw new DomainError("not_found", "Wrong share ID, share does not exist");
}

/** Those who may share in a whole space look after all of it, others after what they gave. */
export function mayManage(
  access: DriveAccess,
  share: { readonly createdBy: { readonly principalId: string } | null },
): boolean {
  if (!access.rights.has("share")) return false;
  return access.subtreeId === undefined || share.createdBy?.principalId === access.viewer?.principalId;
}
