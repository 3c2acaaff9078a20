import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { DomainError } from "../../errors.ts";
import { normalizeAddress } from "../../identity/normalize-address.ts";

/** An account that has an inbox. */
export interface RecipientAccount extends AccountKey {
  inboxId: string;
}

export type ResolvedRecipient =
  | (RecipientAccount & {
      kind: "account";
      /** As the sender wrote it, normalized. */
      address: string;
    })
  | {
      kind: "group";
      organizationId: string;
      groupId: string;
      address: string;
      /** Those of the members, nested groups included, each once. */
      accounts: RecipientAccount[];
    };

interface Owner {
  organization_id: string;
  principal_id: string;
  kind: string;
}

/**
 * Whose mailbox an address means. `jean+factures@…` is jean's unless it is an address itself (RFC 5233); postmaster and abuse of a
 * domain of ours (RFC 5321 section 4.5.1, RFC 2142) are its administrators' when nobody has them.
 * @returns undefined when the domain is not one of ours
 * @throws DomainError `unknown_recipient`
 */
export async function findRecipient(reader: Reader, text: string): Promise<ResolvedRecipient | undefined> {
  let parsed: { address: string; localPart: string; domain: string };
  try {
    parsed = normalizeAddress(text);
  } catch {
    throw unknown(text);
  }
  const { address, localPart, domain } = parsed;
  const plus = localPart.indexOf("+");
  const base = plus > 0 ? `${localPart.slice(0, plus)}@${domain}` : address;
  const found = await sql<Owner & { address: string }>`
    SELECT a.address, a.organization_id, a.principal_id, p.kind
    FROM address a JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.principal_id AND p.state <> 'deleted'
    WHERE a.address IN (${address}, ${base})`.execute(reader);
  const owner = found.rows.find((row) => row.address === address) ?? found.rows[0];
  if (owner?.kind === "group") {
    const accounts = await findMemberAccounts(reader, owner);
    if (accounts.length === 0) throw unknown(text);
    return { kind: "group", organizationId: owner.organization_id, groupId: owner.principal_id, address, accounts };
  }
  if (owner) {
    const account = await findAccount(reader, owner);
    if (!account) throw unknown(text);
    return { kind: "account", ...account, address };
  }
  const ours = await reader
    .selectFrom("domain")
    .select("organization_id")
    .where("name", "=", domain)
    .executeTakeFirst();
  if (!ours) return undefined;
  if (localPart === "postmaster" || localPart === "abuse") {
    const accounts = await findAdministrators(reader, ours.organization_id);
    if (accounts.length > 0) {
      return { kind: "group", organizationId: ours.organization_id, groupId: ours.organization_id, address, accounts };
    }
  }
  throw unknown(text);
}

/** The same for a server that only takes mail for its own domains. @throws DomainError `unknown_recipient` */
export async function resolveRecipient(reader: Reader, text: string): Promise<ResolvedRecipient> {
  const found = await findRecipient(reader, text);
  if (!found) throw unknown(text);
  return found;
}

function unknown(text: string): DomainError {
  return new DomainError("unknown_recipient", "There is no such mailbox here", { detail: text.slice(0, 320) });
}

interface AccountRow {
  organization_id: string;
  account_id: string;
  inbox_id: string;
}

function accountFromRow(row: AccountRow): RecipientAccount {
  return { organizationId: row.organization_id, accountId: row.account_id, inboxId: row.inbox_id };
}

async function findAccount(reader: Reader, owner: Owner): Promise<RecipientAccount | undefined> {
  const result = await sql<AccountRow>`
    SELECT a.organization_id, a.id AS account_id, m.id AS inbox_id
    FROM account a JOIN mailbox m ON m.organization_id = a.organization_id AND m.account_id = a.id AND m.role = 'inbox'
      AND m.deleted_at IS NULL
    WHERE a.organization_id = ${owner.organization_id} AND a.owner_id = ${owner.principal_id} AND a.deleted_at IS NULL`.execute(
    reader,
  );
  return result.rows.map(accountFromRow)[0];
}

async function findMemberAccounts(reader: Reader, group: Owner): Promise<RecipientAccount[]> {
  // UNION, not UNION ALL: groups may contain one another.
  const result = await sql<AccountRow>`
    WITH RECURSIVE inside (id) AS (
      SELECT ${group.principal_id}::uuid
      UNION
      SELECT g.member_id FROM group_member g JOIN inside i ON g.group_id = i.id
      WHERE g.organization_id = ${group.organization_id}
    )
    SELECT a.organization_id, a.id AS account_id, m.id AS inbox_id
    FROM inside i
    JOIN principal p ON p.organization_id = ${group.organization_id} AND p.id = i.id AND p.state <> 'deleted' AND p.kind <> 'group'
    JOIN account a ON a.organization_id = p.organization_id AND a.owner_id = p.id AND a.deleted_at IS NULL
    JOIN mailbox m ON m.organization_id = a.organization_id AND m.account_id = a.id AND m.role = 'inbox' AND m.deleted_at IS NULL
    ORDER BY a.id`.execute(reader);
  return result.rows.map(accountFromRow);
}

async function findAdministrators(reader: Reader, organizationId: string): Promise<RecipientAccount[]> {
  const result = await sql<AccountRow>`
    SELECT DISTINCT a.organization_id, a.id AS account_id, m.id AS inbox_id
    FROM principal_role r
    JOIN principal p ON p.organization_id = r.organization_id AND p.id = r.principal_id AND p.state = 'active'
    JOIN account a ON a.organization_id = p.organization_id AND a.owner_id = p.id AND a.deleted_at IS NULL
    JOIN mailbox m ON m.organization_id = a.organization_id AND m.account_id = a.id AND m.role = 'inbox' AND m.deleted_at IS NULL
    WHERE r.organization_id = ${organizationId}`.execute(reader);
  return result.rows.map(accountFromRow);
}
