import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";

/**
 * What a grant may allow on an account. The owner has all of them. `create`, to add files and folders, means something in a drive only:
 * in a mailbox whoever may write may add.
 */
export type Right = "read" | "write" | "create" | "delete" | "send_as" | "send_on_behalf" | "share" | "manage";

export type MailRight = Exclude<Right, "create">;

/** Those that mean something in mail. */
export const mailRights: readonly MailRight[] = [
  "read",
  "write",
  "delete",
  "send_as",
  "send_on_behalf",
  "share",
  "manage",
];

/** Those that mean something in a drive. */
export const driveRights: readonly Right[] = ["read", "write", "create", "delete", "share", "manage"];

export const allRights: readonly Right[] = [...mailRights.slice(0, 2), "create", ...mailRights.slice(2)];

/**
 * The proof that a viewer may reach an account, and how far: domain functions take one instead of ids, so that no data is
 * reached without a check.
 */
export interface AccountAccess extends AccountKey {
  readonly viewer: Viewer;
  /** On the whole account. */
  readonly rights: ReadonlySet<Right>;
  /** What was granted beyond that on single mailboxes, by their id. */
  readonly mailboxRights?: ReadonlyMap<string, ReadonlySet<Right>>;
  /** True when the viewer has a \\Seen of their own in its messages: an option of the account, never for its owner. */
  readonly personalSeen?: boolean;
  /** The option itself. */
  readonly hasPersonalSeen?: boolean;
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
  /** As `<mailbox id> <right>`. */
  mailbox_rights: string[] | null;
  has_personal_seen: boolean;
  grants_epoch: number;
  is_own: boolean;
}

/**
 * Every account on which the viewer has rights, their own first: by ownership, by a grant on the whole account to them, or to a
 * group they belong to, nested groups included. An account of which only single mailboxes or nodes are shared is not among them.
 */
export async function listAccounts(reader: Reader, viewer: Viewer): Promise<AccountAccess[]> {
  return (await listMailAccounts(reader, viewer)).filter((each) => each.isOwn || each.rights.size > 0);
}

/** As `listAccounts`, with the accounts of which single mailboxes are shared: their `rights` may be empty. */
export async function listMailAccounts(reader: Reader, viewer: Viewer): Promise<AccountAccess[]> {
  const result = await sql<Row>`
    WITH RECURSIVE self (organization_id, id) AS (
      SELECT ${viewer.organizationId}::uuid, ${viewer.principalId}::uuid
      UNION
      SELECT m.organization_id, m.group_id FROM group_member m
        JOIN self s ON m.organization_id = s.organization_id AND m.member_id = s.id
    ), reachable (organization_id, account_id, collection_id, rights, is_own) AS (
      SELECT a.organization_id, a.id, NULL::uuid, ${allRights as Right[]}::text[], true FROM account a
        WHERE a.organization_id = ${viewer.organizationId} AND a.owner_id = ${viewer.principalId}
      UNION ALL
      SELECT g.account_organization_id, g.account_id, g.collection_id, g.rights, false FROM grant_received g
        JOIN self s ON g.organization_id = s.organization_id AND g.principal_id = s.id
        WHERE cardinality(g.rights) > 0 AND g.collection_kind IS DISTINCT FROM 'node'
          AND (g.expires_at IS NULL OR g.expires_at > now())
    ), merged AS (
      SELECT organization_id, account_id, bool_or(is_own) AS is_own,
        array_agg(DISTINCT r.r) FILTER (WHERE collection_id IS NULL) AS rights,
        array_agg(DISTINCT collection_id || ' ' || r.r) FILTER (WHERE collection_id IS NOT NULL) AS mailbox_rights
      FROM reachable, unnest(reachable.rights) AS r(r) GROUP BY 1, 2
    )
    SELECT m.organization_id, m.account_id, a.owner_id, p.kind AS owner_kind, p.display_name AS owner_name,
      d.address AS owner_address, m.rights, m.mailbox_rights, a.has_personal_seen, m.is_own,
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
    mailboxRights: groupRights(row.mailbox_rights ?? []),
    hasPersonalSeen: row.has_personal_seen,
    personalSeen: row.has_personal_seen && !row.is_own,
    ownerId: row.owner_id,
    ownerKind: row.owner_kind,
    ownerName: row.owner_name,
    ownerAddress: row.owner_address ?? undefined,
    grantsEpoch: row.grants_epoch,
    isOwn: row.is_own,
  }));
}

function groupRights(pairs: readonly string[]): ReadonlyMap<string, ReadonlySet<Right>> {
  const grouped = new Map<string, Set<Right>>();
  for (const pair of pairs) {
    const [id, right] = pair.split(" ") as [string, Right];
    grouped.set(id, (grouped.get(id) ?? new Set()).add(right));
  }
  return grouped;
}

/**
 * @throws DomainError `not_found` when there is no such account or the viewer may not read it: the two look the same
 */
export async function openAccount(reader: Reader, viewer: Viewer, accountId: string): Promise<AccountAccess> {
  const found = isUuid(accountId)
    ? (await listAccounts(reader, viewer)).find((each) => each.accountId === accountId)
    : undefined;
  if (!found?.rights.has("read")) throw new DomainError("not_found", "There is no such account");
  return found;
}

/** The viewer's own account. @throws DomainError `not_found` for a principal without one */
export async function openOwnAccount(reader: Reader, viewer: Viewer): Promise<AccountAccess> {
  const found = (await listAccounts(reader, viewer)).find((each) => each.isOwn);
  if (!found) throw new DomainError("not_found", "This person has no account");
  return found;
}

/**
 * For what is read of the whole account, mailboxes that were not shared among it.
 * @throws DomainError `not_found`
 */
export function requireRead(access: Pick<AccountAccess, "rights">): void {
  if (!access.rights.has("read")) throw new DomainError("not_found", "There is no such account");
}

/** @throws DomainError `forbidden` */
export function requireRight(access: Pick<AccountAccess, "rights">, right: Right): void {
  if (!access.rights.has(right))
    throw new DomainError("forbidden", "You may not do this here", { detail: `right ${right}` });
}
