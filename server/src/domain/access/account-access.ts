import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";

/** What a grant may allow on an account. The owner has all of them. */
export type Right = "read" | "write" | "delete" | "send_as" | "send_on_behalf" | "share" | "manage";

export const allRights: readonly Right[] = ["read", "write", "delete", "send_as", "send_on_behalf", "share", "manage"];

/**
 * The proof that a viewer may reach an account, and how far: domain functions take one instead of ids, so that no data is
 * reached without a check.
 */
export interface AccountAccess extends AccountKey {
  readonly viewer: Viewer;
  readonly rights: ReadonlySet<Right>;
  /** The principal whose account it is. */
  readonly ownerId: string;
  readonly ownerKind: "person" | "group" | "resource" | "shared_mailbox" | "team_folder";
  readonly ownerName: string;
  /** Its primary address. */
  readonly ownerAddress: string | undefined;
  /** Part of every sync token: moves when a grant comes or goes. */
  readonly grantsEpoch: number;
  readonly isOwn: boolean;
}

interface Row {
  organization_id: string;
  account_id: string;
  owner_id: string;
  owner_kind: AccountAccess["ownerKind"];
  owner_name: string;
  owner_address: string | null;
  rights: Right[] | null;
  grants_epoch: number;
  is_own: boolean;
}

/**
 * Every account the viewer may read, their own first: by ownership, by a grant on the whole account to them, or to a group they
 * belong to, nested groups included.
 */
export async function listAccounts(reader: Reader, viewer: Viewer): Promise<AccountAccess[]> {
  const result = await sql<Row>`
    WITH RECURSIVE self (organization_id, id) AS (
      SELECT ${viewer.organizationId}::uuid, ${viewer.principalId}::uuid
      UNION
      SELECT m.organization_id, m.group_id FROM group_member m
        JOIN self s ON m.organization_id = s.organization_id AND m.member_id = s.id
    ), reachable (organization_id, account_id, rights, is_own) AS (
      SELECT a.organization_id, a.id, ${allRights as Right[]}::text[], true FROM account a
        WHERE a.organization_id = ${viewer.organizationId} AND a.owner_id = ${viewer.principalId}
      UNION ALL
      SELECT g.account_organization_id, g.account_id, g.rights, false FROM grant_received g
        JOIN self s ON g.organization_id = s.organization_id AND g.principal_id = s.id
        WHERE g.collection_id IS NULL
    ), merged AS (
      SELECT organization_id, account_id, bool_or(is_own) AS is_own, array_agg(DISTINCT r.r) AS rights
      FROM reachable, unnest(reachable.rights) AS r(r) GROUP BY 1, 2
    )
    SELECT m.organization_id, m.account_id, a.owner_id, p.kind AS owner_kind, p.display_name AS owner_name,
      d.address AS owner_address, m.rights, m.is_own,
      (SELECT grants_epoch FROM principal v WHERE v.organization_id = ${viewer.organizationId} AND v.id = ${viewer.principalId}) AS grants_epoch
    FROM merged m
    JOIN account a ON a.organization_id = m.organization_id AND a.id = m.account_id AND a.deleted_at IS NULL
    JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id AND p.state = 'active'
    LEFT JOIN address d ON d.organization_id = p.organization_id AND d.principal_id = p.id AND d.kind = 'primary'
    ORDER BY m.is_own DESC, p.display_name, m.account_id`.execute(reader);
  return result.rows.map((row) => ({
    organizationId: row.organization_id,
    accountId: row.account_id,
    viewer,
    rights: new Set(row.rights ?? []),
    ownerId: row.owner_id,
    ownerKind: row.owner_kind,
    ownerName: row.owner_name,
    ownerAddress: row.owner_address ?? undefined,
    grantsEpoch: row.grants_epoch,
    isOwn: row.is_own,
  }));
}

/**
 * @throws DomainError `not_found` when there is no such account or the viewer may not read it: the two look the same
 */
export async function openAccount(reader: Reader, viewer: Viewer, accountId: string): Promise<AccountAccess> {
  const found = isUuid(accountId)
    ? (await listAccounts(reader, viewer)).find((each) => each.accountId === accountId)
    : undefined;
  if (!found || !found.rights.has("read")) throw new DomainError("not_found", "There is no such account");
  return found;
}

/** The viewer's own account. @throws DomainError `not_found` for a principal without one */
export async function openOwnAccount(reader: Reader, viewer: Viewer): Promise<AccountAccess> {
  const found = (await listAccounts(reader, viewer)).find((each) => each.isOwn);
  if (!found) throw new DomainError("not_found", "This person has no account");
  return found;
}

/** @throws DomainError `forbidden` */
export function requireRight(access: Pick<AccountAccess, "rights">, right: Right): void {
  if (!access.rights.has(right))
    throw new DomainError("forbidden", "You may not do this here", { detail: `right ${right}` });
}
