import type { Expression, SelectQueryBuilder, SqlBool } from "kysely";
import { readLivePaths } from "../../store/drive/read-chain.ts";
import type { DB } from "../../store/schema.generated.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { listDriveAccounts } from "../drive/drive-accounts.ts";
import { reachNode } from "../drive/reach-node.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";
import { linkPurpose, type ShareLink, type SharingDeps } from "./model.ts";

/** Links that the viewer made and that are not revoked, newest first, in the accounts that are still theirs to read. */
export async function listMyShareLinks(deps: SharingDeps, viewer: Viewer): Promise<ShareLink[]> {
  const accesses = await listDriveAccounts(deps.store.read, viewer);
  return readLinks(deps, accesses, (links) => links.where("l.created_by", "=", viewer.principalId));
}

/** Links of one node, whoever made them. @throws DomainError `not_found` */
export async function listShareLinks(deps: SharingDeps, access: AccountAccess, nodeId: string): Promise<ShareLink[]> {
  const { node } = await reachNode(deps.store.read, access, nodeId);
  return readLinks(deps, [access], (links) => links.where("l.node_id", "=", node.id));
}

/** A link and the access to its account. @throws DomainError `not_found` for one in an account where the viewer may not share */
export async function openShareLink(
  deps: SharingDeps,
  viewer: Viewer,
  linkId: string,
): Promise<{ link: ShareLink; access: AccountAccess }> {
  const accesses = (await listDriveAccounts(deps.store.read, viewer)).filter((each) => each.rights.has("share"));
  const [link] = isUuid(linkId) ? await readLinks(deps, accesses, (links) => links.where("l.id", "=", linkId)) : [];
  const access = accesses.find((each) => each.accountId === link?.node.accountId);
  if (!link || !access) throw new DomainError("not_found", "There is no such link");
  return { link, access };
}

interface LinkTables {
  l: DB["share_link"];
  n: DB["drive_node"];
}
interface Conditions {
  where(column: "l.id" | "l.node_id" | "l.created_by", operator: "=", value: string): Expression<SqlBool>;
}

export async function readLinks(
  deps: SharingDeps,
  accesses: readonly AccountAccess[],
  condition: (links: Conditions) => Expression<SqlBool>,
): Promise<ShareLink[]> {
  const readable = accesses.filter((access) => access.rights.has("read"));
  if (readable.length === 0) return [];
  const query: SelectQueryBuilder<DB & LinkTables, "l" | "n", object> = deps.store.read
    .selectFrom("share_link as l")
    .innerJoin("drive_node as n", (join) =>
      join.onRef("n.organization_id", "=", "l.organization_id").onRef("n.id", "=", "l.node_id"),
    );
  const rows = await query
    .leftJoin("principal as p", (join) =>
      join.onRef("p.organization_id", "=", "l.organization_id").onRef("p.id", "=", "l.created_by"),
    )
    .selectAll("l")
    .select(["n.name", "n.kind", "n.account_id as node_account_id", "p.display_name"])
    .where((eb) => condition({ where: (column, operator, value) => eb(column, operator, value) }))
    .where((eb) =>
      eb.or(
        readable.map((access) =>
          eb.and([eb("l.organization_id", "=", access.organizationId), eb("l.account_id", "=", access.accountId)]),
        ),
      ),
    )
    .where("l.revoked_at", "is", null)
    .orderBy("l.created_at", "desc")
    .orderBy("l.id", "desc")
    .limit(1_000)
    .execute();
  const live = new Map<string, string[]>();
  for (const organizationId of new Set(rows.map((row) => row.organization_id))) {
    const ids = rows.filter((row) => row.organization_id === organizationId).map((row) => row.node_id);
    for (const [id, path] of await readLivePaths(deps.store.read, organizationId, ids)) live.set(id, path);
  }
  return rows.map((row) => {
    const access = readable.find((each) => each.accountId === row.account_id)!;
    const isThere = live.has(row.node_id) && row.node_account_id === row.account_id;
    const isOver = row.expires_at !== null && row.expires_at.getTime() <= Date.now();
    return {
      id: row.id,
      token: access.rights.has("share") ? (deps.secrets.open(linkPurpose, row.sealed_token)?.toString() ?? null) : null,
      node: { id: row.node_id, name: row.name, kind: row.kind as "folder" | "file", accountId: row.account_id },
      label: row.label,
      hasPassword: row.password_hash !== null,
      expiresAt: row.expires_at,
      createdAt: row.created_at,
      createdBy: row.display_name,
      state: isOver ? "expired" : isThere ? "active" : "removed",
      openedCount: row.opened_count,
      lastOpenedAt: row.last_opened_at,
    };
  });
}
