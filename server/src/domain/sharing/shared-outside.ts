import { sql } from "kysely";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { changeTree } from "../drive/change-tree.ts";
import { listDriveAccounts } from "../drive/drive-accounts.ts";
import { DomainError } from "../errors.ts";
import { requireAdministrator } from "../identity/require-administrator.ts";
import type { Viewer } from "../identity/viewer.ts";
import { write } from "./change-share.ts";
import type { ShareLink, SharingDeps } from "./model.ts";
import { type LinkRow, readLinkRows, toShareLink } from "./read-links.ts";
import { sealEnded } from "./restore-shares.ts";
import { readShares, type Share } from "./share.ts";
import { keyOf } from "./share-node.ts";

export interface OutsideLink extends ShareLink {
  /** Whose space it is in. */
  spaceName: string;
  /** From the root of that space; empty when it is in the trash. */
  path: readonly string[];
}

/** All that people outside of the organization may reach. */
export interface SharedOutside {
  links: readonly OutsideLink[];
  /** With other organizations. */
  shares: readonly Share[];
}

/** Of the viewer: from their own space, or made by them elsewhere. */
export async function listSharedOutside(deps: SharingDeps, viewer: Viewer): Promise<SharedOutside> {
  const { read } = deps.store;
  const accounts = (await listDriveAccounts(read, viewer)).filter((each) => each.isOwn || each.rights.has("manage"));
  const ids = accounts.map((each) => each.accountId);
  const rows = await readLinkRows(
    read,
    sql`(l.account_id = ANY(${ids}::uuid[]) OR l.created_by = ${viewer.principalId})`,
  );
  const shares = await readShares(
    read,
    sql`g.grantee_organization_id <> g.organization_id
      AND (g.account_id = ANY(${ids}::uuid[]) OR g.created_by = ${viewer.principalId})`,
  );
  const links = await withSpaces(
    deps,
    rows.filter((row) => row.path !== undefined || ids.includes(row.account_id)),
    (row) => ids.includes(row.account_id) || row.created_by === viewer.principalId,
  );
  return { links, shares };
}

/** Of the whole organization, without the addresses of the links. @throws DomainError `forbidden` */
export async function listOrganizationSharedOutside(deps: SharingDeps, viewer: Viewer): Promise<SharedOutside> {
  requireAdministrator(viewer);
  const rows = await readLinkRows(deps.store.read, sql`l.organization_id = ${viewer.organizationId}`);
  const shares = await readShares(
    deps.store.read,
    sql`g.organization_id = ${viewer.organizationId} AND g.grantee_organization_id <> g.organization_id`,
  );
  return { links: await withSpaces(deps, rows, () => false), shares };
}

/** By an administrator, whoever made it. @throws DomainError `forbidden`, `not_found` */
export async function endOrganizationLink(deps: SharingDeps, viewer: Viewer, linkId: string): Promise<void> {
  requireAdministrator(viewer);
  const [row] = await readLinkRows(
    deps.store.read,
    sql`l.organization_id = ${viewer.organizationId} AND l.id::text = ${linkId}`,
  );
  if (!row) throw new DomainError("not_found", "There is no such link");
  const account = { organizationId: row.organization_id, accountId: row.account_id };
  await changeTree(deps, account, async (tx, modseq) => {
    await tx
      .updateTable("share_link")
      .set({ revoked_at: new Date() })
      .where("organization_id", "=", row.organization_id)
      .where("id", "=", row.id)
      .where("revoked_at", "is", null)
      .execute();
    tx.hint({ kind: "revoked", id: row.id });
    await touchAncestors(tx, row.organization_id, modseq, [{ folderId: row.node_id, bytes: 0, files: 0 }]);
  });
}

/**
 * By an administrator, whoever gave it.
 * @returns what `restoreShares` undoes it with
 * @throws DomainError `forbidden`, `not_found`
 */
export async function endOrganizationShare(deps: SharingDeps, viewer: Viewer, number: number): Promise<string> {
  requireAdministrator(viewer);
  const [share] = Number.isSafeInteger(number)
    ? await readShares(
        deps.store.read,
        sql`g.organization_id = ${viewer.organizationId} AND g.share_number = ${number}`,
      )
    : [];
  if (!share) throw new DomainError("not_found", "There is no such share");
  const account = keyOf(share.node);
  const grants = await write(deps, account, share, [], {});
  return sealEnded(deps, viewer, { account, grants, asAdministrator: true });
}

async function withSpaces(
  deps: SharingDeps,
  rows: readonly LinkRow[],
  isShown: (row: LinkRow) => boolean,
): Promise<OutsideLink[]> {
  const ids = [...new Set(rows.map((row) => row.account_id))];
  const organizations = [...new Set(rows.map((row) => row.organization_id))];
  const { rows: spaces } = await sql<{ id: string; display_name: string }>`
    SELECT a.id, p.display_name FROM account a JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id
    WHERE a.organization_id = ANY(${organizations}::uuid[]) AND a.id = ANY(${ids}::uuid[])`.execute(deps.store.read);
  const names = new Map(spaces.map((space) => [space.id, space.display_name]));
  return rows.map((row) => ({
    ...toShareLink(deps, row, isShown(row)),
    spaceName: names.get(row.account_id) ?? "",
    path: row.path ?? [],
  }));
}
