import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { driveRights, type Right, requireRight } from "../access/account-access.ts";
import { type Grantee, grantAccount } from "../access/grant-account.ts";
import { changeTree } from "../drive/change-tree.ts";
import { reachNode, requireNotRoot } from "../drive/reach-node.ts";
import { DomainError } from "../errors.ts";
import { notify } from "../notifications/notify.ts";
import { mayShareAcross } from "./find-sharees.ts";
import { checkEnd, checkNote, type SharerAccess, type SharingDeps } from "./model.ts";
import { readShares, type Share } from "./share.ts";

export interface ShareTerms {
  rights: ReadonlySet<Right>;
  expiresAt?: Date | null | undefined;
  /** For whoever receives it. */
  note?: string | null | undefined;
}

/**
 * Shares a file, or a folder and all beneath, with a person or a group, who may do there nothing that the giver may not.
 * @throws DomainError `forbidden` (also `beyond`, `elsewhere` for an organization with which nothing may be shared), `not_found`,
 *   `invalid`, `already_exists` when it is shared with them, `paused`
 */
export async function shareNode(
  deps: SharingDeps,
  access: SharerAccess,
  nodeId: string,
  grantee: Grantee,
  terms: ShareTerms,
): Promise<Share> {
  requireRight(access, "share");
  checkEnd(terms.expiresAt);
  const note = checkNote(terms.note) ?? null;
  const { viewer } = access;
  if (!(await mayShareAcross(deps.store.read, deps.sharing, access.organizationId, grantee.organizationId))) {
    throw new DomainError("forbidden", "Nothing may be shared with that organization", {
      data: { reason: "elsewhere" },
    });
  }
  let number: number | undefined;
  const prepare = async (tx: Transactor): Promise<void> => {
    const node = requireNotRoot(await reachNode(tx, access, nodeId));
    await requireGrantee(tx, access, grantee, node.id);
    const rights = rightsToGive(access, node.kind, terms.rights);
    const given = await grantAccount(tx, { ...keyOf(access), nodeId: node.id }, grantee, rights, {
      expiresAt: terms.expiresAt ?? null,
      note,
      createdBy: viewer.principalId,
      createdByOrganization: viewer.organizationId === access.organizationId ? null : viewer.organizationId,
    });
    number = given!.shareNumber!;
    await tellReceivers(tx, access, grantee, { fileId: node.file_id, name: node.name, kind: node.kind });
  };
  await changeTree(
    deps,
    access,
    // Lists show that it is shared: they are to be read again.
    (tx, modseq) => touchAncestors(tx, access.organizationId, modseq, [{ folderId: nodeId, bytes: 0, files: 0 }]),
    prepare,
  );
  const [share] = await readShares(deps.store.read, sql`g.share_number = ${number}`);
  return share!;
}

export function keyOf({ organizationId, accountId }: AccountKey) {
  return { organizationId, accountId };
}

/** Those that mean something there. @throws DomainError `invalid`, `forbidden` (`beyond`) */
export function rightsToGive(access: SharerAccess, kind: "folder" | "file", wanted: ReadonlySet<Right>): Right[] {
  if (!wanted.has("read")) {
    throw new DomainError("invalid", "Whoever something is shared with may read it", { data: { field: "/rights" } });
  }
  const meant = driveRights.filter(
    (right) =>
      wanted.has(right) && right !== "manage" && (kind === "folder" || (right !== "create" && right !== "delete")),
  );
  if (meant.some((right) => !access.rights.has(right))) {
    throw new DomainError("forbidden", "You cannot allow what you may not do yourself", { data: { reason: "beyond" } });
  }
  return meant;
}

/** @throws DomainError `not_found`, `invalid` (`own`), `already_exists` */
export async function requireGrantee(
  tx: Transactor,
  access: AccountKey & { readonly viewer: { readonly principalId: string } | undefined },
  grantee: Grantee,
  nodeId: string,
): Promise<void> {
  const { rows } = await sql<{ is_owner: boolean; is_there: boolean }>`
    SELECT EXISTS (SELECT FROM account a WHERE a.organization_id = ${access.organizationId} AND a.id = ${access.accountId}
        AND a.owner_id = p.id) AS is_owner,
      EXISTS (SELECT FROM grant_given g WHERE g.organization_id = ${access.organizationId} AND g.account_id = ${access.accountId}
        AND g.collection_id = ${nodeId}::uuid AND g.grantee_organization_id = p.organization_id AND g.grantee_id = p.id
        AND (g.expires_at IS NULL OR g.expires_at > now())) AS is_there
    FROM principal p JOIN organization o ON o.id = p.organization_id AND o.state = 'active'
    WHERE p.organization_id = ${grantee.organizationId} AND p.id = ${grantee.principalId} AND p.state = 'active'
      AND p.kind IN ('person', 'group')`.execute(tx);
  const [found] = rows;
  if (!found) throw new DomainError("not_found", "There is nobody of that name", { data: { field: "/with" } });
  if (found.is_owner || grantee.principalId === access.viewer?.principalId) {
    throw new DomainError("invalid", "This is theirs already", { data: { field: "/with", reason: "own" } });
  }
  if (found.is_there) {
    throw new DomainError("already_exists", "This is shared with them already", { data: { reason: "already_shared" } });
  }
}

/** Everybody of a group is told; the giver knows. */
async function tellReceivers(
  tx: Transactor,
  access: SharerAccess,
  grantee: Grantee,
  node: { fileId: number; name: string; kind: "folder" | "file" },
): Promise<void> {
  const { viewer } = access;
  const [by] = await tx
    .selectFrom("principal")
    .select(["uid", "display_name"])
    .where("organization_id", "=", viewer.organizationId)
    .where("id", "=", viewer.principalId)
    .execute();
  const { rows } = await sql<{ id: string }>`
    WITH RECURSIVE reached (id) AS (
      SELECT ${grantee.principalId}::uuid
      UNION
      SELECT m.member_id FROM reached r JOIN group_member m ON m.organization_id = ${grantee.organizationId} AND m.group_id = r.id
    )
    SELECT p.id FROM reached r JOIN principal p ON p.organization_id = ${grantee.organizationId} AND p.id = r.id
    WHERE p.kind = 'person' AND p.state = 'active' AND p.id <> ${viewer.principalId} ORDER BY p.id`.execute(tx);
  const data = { ...node, byUid: by?.uid ?? "", byName: by?.display_name ?? "" };
  for (const { id } of rows) {
    await notify(tx, { organizationId: grantee.organizationId, principalId: id }, { topic: "share_received", data });
  }
}
