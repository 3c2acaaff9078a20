import { sql } from "kysely";
import { isUuid } from "../../store/uuid.ts";
import { listDriveAccounts, openDriveAccount } from "../drive/drive-accounts.ts";
import type { DriveAccess } from "../drive/model.ts";
import { openNodeAccess } from "../drive/open-node-access.ts";
import { reachNode } from "../drive/reach-node.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { ShareLink, SharerAccess, SharingDeps } from "./model.ts";
import { type LinkRow, readLinkRows, toShareLink } from "./read-links.ts";

/** Links that the viewer made and that are not revoked, newest first, where they may still share. */
export async function listMyShareLinks(deps: SharingDeps, viewer: Viewer): Promise<ShareLink[]> {
  const rows = await readLinkRows(deps.store.read, sql`l.created_by = ${viewer.principalId}`);
  const accounts = new Map((await listDriveAccounts(deps.store.read, viewer)).map((each) => [each.accountId, each]));
  const found: ShareLink[] = [];
  const ofOthers = new Map<string, boolean>();
  for (const row of rows) {
    const account = accounts.get(row.account_id);
    const shows = account
      ? account.rights.has("share")
      : (ofOthers.get(row.node_id) ?? (await mayShare(deps, viewer, row)));
    if (!account) ofOthers.set(row.node_id, shows);
    if (shows) found.push(toShareLink(deps, row, true));
  }
  return found;
}

/**
 * Links of one node, whoever made them.
 * @param options.beneath of what stands in a folder, instead of the folder
 * @throws DomainError `not_found`
 */
export async function listShareLinks(
  deps: SharingDeps,
  access: DriveAccess,
  nodeId: string,
  options: { beneath?: boolean } = {},
): Promise<ShareLink[]> {
  const { node } = await reachNode(deps.store.read, access, nodeId);
  const which = options.beneath ? sql`n.parent_id = ${node.id} AND n.state = 'live'` : sql`l.node_id = ${node.id}`;
  const rows = await readLinkRows(
    deps.store.read,
    sql`l.organization_id = ${node.organization_id} AND l.account_id = ${access.accountId} AND ${which}`,
  );
  return rows.map((row) => toShareLink(deps, row, mayKnow(access, row)));
}

/** Somebody to whom a part is shared knows the address of their own links only. */
function mayKnow(access: DriveAccess, row: LinkRow): boolean {
  if (!access.rights.has("share")) return false;
  return access.subtreeId === undefined || row.created_by === access.viewer?.principalId;
}

/** A link and the access to its account. @throws DomainError `not_found` for one where the viewer may not share, or that is of others */
export async function openShareLink(
  deps: SharingDeps,
  viewer: Viewer,
  link: string | { number: number },
): Promise<{ link: ShareLink; access: SharerAccess; row: LinkRow }> {
  const unknown = () => new DomainError("not_found", "There is no such link");
  if (typeof link === "string" && !isUuid(link)) throw unknown();
  const condition =
    typeof link === "string" ? sql<boolean>`l.id = ${link}` : sql<boolean>`l.share_number = ${link.number}`;
  const [row] = await readLinkRows(deps.store.read, condition);
  if (!row) throw unknown();
  const access = await openLinkAccount(deps, viewer, row).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "not_found") throw unknown();
    throw error;
  });
  if (!mayKnow(access, row)) throw unknown();
  return { link: toShareLink(deps, row, true), access, row };
}

/** Of links to what is in the trash too: they are ended there. */
async function openLinkAccount(deps: SharingDeps, viewer: Viewer, row: LinkRow): Promise<SharerAccess> {
  return row.path === undefined
    ? openDriveAccount(deps.store.read, viewer, row.account_id)
    : openNodeAccess(deps, viewer, row.node_id);
}

async function mayShare(deps: SharingDeps, viewer: Viewer, row: LinkRow): Promise<boolean> {
  try {
    return mayKnow(await openLinkAccount(deps, viewer, row), row);
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found") return false;
    throw error;
  }
}
