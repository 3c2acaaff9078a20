import { sql } from "kysely";
import { isRewritten, reverseSender } from "../../../formats/srs/srs.ts";
import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { prepare } from "../../../store/prepared.ts";
import { DomainError } from "../../errors.ts";
import { normalizeAddress, normalizeDomain } from "../../identity/normalize-address.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";
import { domainOf } from "../domain-of.ts";
import { recognizeReportAddress } from "../reports/report-address.ts";
import { expandGroup, type GroupExpansion } from "./expand-group.ts";
import { srsKey } from "./return-path.ts";

/** An account that has an inbox. */
export interface RecipientAccount extends AccountKey {
  inboxId: string;
}

export interface GroupRecipient extends GroupExpansion {
  kind: "group";
  organizationId: string;
  groupId: string;
  /** As the sender wrote it, normalized. */
  address: string;
}

/** Mail for an address of ours that leaves: a return path that we rewrote, or a catch-all elsewhere. */
export interface OutsideRecipient {
  kind: "outside";
  /** Whose domain the address is of. */
  organizationId: string;
  address: string;
  /** Where it goes. */
  target: string;
}

export type ResolvedRecipient =
  | (RecipientAccount & {
      kind: "account";
      /** As the sender wrote it, normalized. */
      address: string;
      /** Bytes at the time of the look-up; undefined where nothing is kept, or it was not looked up. */
      quota?: { used: number; limit: number } | undefined;
    })
  | GroupRecipient
  | OutsideRecipient;

interface Owner {
  organization_id: string;
  principal_id: string;
  kind: string;
}

interface AddressRow extends Owner {
  address: string;
  account_id: string | null;
  inbox_id: string | null;
  used_bytes: number | null;
  limit_bytes: number | null;
}

// Asked for each recipient of each message.
const ownerOfAddress = prepare<AddressRow>(
  "mail_owner_of_address",
  `SELECT a.address, a.organization_id, a.principal_id, p.kind, c.id AS account_id, m.id AS inbox_id, q.used_bytes, q.limit_bytes
  FROM address a JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.principal_id AND p.state <> 'deleted'
  LEFT JOIN (account c JOIN mailbox m ON m.organization_id = c.organization_id AND m.account_id = c.id AND m.role = 'inbox'
      AND m.deleted_at IS NULL)
    ON c.organization_id = a.organization_id AND c.owner_id = a.principal_id AND c.deleted_at IS NULL
  LEFT JOIN quota q ON q.organization_id = c.organization_id AND q.account_id = c.id AND q.area = 'mail'
    AND NOT EXISTS (SELECT FROM mail_forward f
      WHERE f.organization_id = c.organization_id AND f.account_id = c.id AND NOT f.keeps_copy)
  WHERE a.address IN ($1, $2)`,
);

/**
 * Whose mailbox an address means. `jean+factures@…` is jean's unless it is an address itself (RFC 5233); a domain that stands for
 * another has its addresses; postmaster, abuse (RFC 5321 section 4.5.1, RFC 2142) and what our DNS records name for reports are its administrators' when
 * nobody has them; then comes the catch-all of the domain. Whether the sender may write to a group is `admitSender`'s to say.
 * @param secrets with them a return path that this server rewrote (SRS) leads to the sender it stands for
 * @returns undefined when the domain is not one of ours
 * @throws DomainError `unknown_recipient`
 */
export async function findRecipient(
  reader: Reader,
  text: string,
  secrets?: Pick<ServerSecrets, "derive">,
): Promise<ResolvedRecipient | undefined> {
  const bounce = secrets && (await findRewritten(reader, text, secrets));
  if (bounce) return bounce;
  let parsed: { address: string; localPart: string; domain: string };
  try {
    parsed = normalizeAddress(text);
  } catch {
    throw unknown(text);
  }
  const { address, localPart, domain } = parsed;
  const own = await findByAddress(reader, localPart, domain, address);
  if (own === "nobody") throw unknown(text);
  if (own) return own;
  const ours = await reader
    .selectFrom("domain")
    .select(["organization_id", "alias_of", "catch_all_principal_id", "catch_all_address"])
    .where("name", "=", domain)
    .executeTakeFirst();
  if (!ours) return undefined;
  const organizationId = ours.organization_id;
  if (ours.alias_of !== null) {
    const aliased = await findByAddress(reader, localPart, ours.alias_of, address);
    if (aliased === "nobody") throw unknown(text);
    if (aliased) return aliased;
  }
  if (localPart === "postmaster" || localPart === "abuse" || recognizeReportAddress(address)) {
    const accounts = await findAdministrators(reader, organizationId);
    if (accounts.length > 0) return groupOf({ organizationId, groupId: organizationId, address, accounts });
  }
  const catchAll = ours.alias_of === null ? ours : await readCatchAll(reader, ours.alias_of);
  if (catchAll?.catch_all_principal_id) {
    const principal = await reader
      .selectFrom("principal")
      .select("kind")
      .where("organization_id", "=", organizationId)
      .where("id", "=", catchAll.catch_all_principal_id)
      .where("state", "<>", "deleted")
      .executeTakeFirst();
    const owner = { organization_id: organizationId, principal_id: catchAll.catch_all_principal_id };
    const found = principal && (await recipientOf(reader, { ...owner, kind: principal.kind }, address));
    if (found) return found;
  }
  if (catchAll?.catch_all_address) {
    return { kind: "outside", organizationId, address, target: catchAll.catch_all_address };
  }
  throw unknown(text);
}

/** The same for a server that only takes mail for its own domains. @throws DomainError `unknown_recipient` */
export async function resolveRecipient(
  reader: Reader,
  text: string,
  secrets?: Pick<ServerSecrets, "derive">,
): Promise<ResolvedRecipient> {
  const found = await findRecipient(reader, text, secrets);
  if (!found) throw unknown(text);
  return found;
}

/** A group as it is when it has no options: people that an address means together. */
export function groupOf(
  group: Pick<GroupRecipient, "organizationId" | "groupId" | "address" | "accounts">,
): GroupRecipient {
  return { kind: "group", outside: [], holds: [], posting: "anyone", hidesMembers: false, ...group };
}

function unknown(text: string): DomainError {
  return new DomainError("unknown_recipient", "There is no such mailbox here", { detail: text.slice(0, 320) });
}

/** @returns "nobody" when the address is somebody's who can get no mail */
async function findByAddress(
  reader: Reader,
  localPart: string,
  domain: string,
  written: string,
): Promise<ResolvedRecipient | "nobody" | undefined> {
  const address = `${localPart}@${domain}`;
  const plus = localPart.indexOf("+");
  const base = plus > 0 ? `${localPart.slice(0, plus)}@${domain}` : address;
  const rows = await ownerOfAddress.execute(reader, [address, base]);
  const owner = rows.find((row) => row.address === address) ?? rows[0];
  if (!owner) return undefined;
  if (owner.kind === "group") return (await recipientOf(reader, owner, written)) ?? "nobody";
  if (owner.account_id === null || owner.inbox_id === null) return "nobody";
  return {
    kind: "account",
    organizationId: owner.organization_id,
    accountId: owner.account_id,
    inboxId: owner.inbox_id,
    address: written,
    quota: owner.used_bytes === null ? undefined : { used: owner.used_bytes, limit: owner.limit_bytes! },
  };
}

async function recipientOf(reader: Reader, owner: Owner, address: string): Promise<ResolvedRecipient | undefined> {
  if (owner.kind !== "group") {
    const account = await findAccount(reader, owner);
    return account && { kind: "account", ...account, address };
  }
  const group = { organizationId: owner.organization_id, groupId: owner.principal_id };
  const { accounts, outside, holds, posting, hidesMembers } = await expandGroup(reader, group);
  if (accounts.length + outside.length + holds.length === 0) return undefined;
  return { kind: "group", ...group, address, accounts, outside, holds, posting, hidesMembers };
}

async function findRewritten(
  reader: Reader,
  text: string,
  secrets: Pick<ServerSecrets, "derive">,
): Promise<OutsideRecipient | undefined> {
  const written = text.trim();
  const at = written.lastIndexOf("@");
  const localPart = written.slice(0, at);
  if (at <= 0 || !isRewritten(localPart)) return undefined;
  let domain: string;
  let target: string | undefined;
  try {
    domain = normalizeDomain(written.slice(at + 1));
    target = reverseSender(localPart, srsKey(secrets, domain));
    // The case of its local part is the sender's business.
    if (target === undefined) return undefined;
    normalizeDomain(domainOf(target));
  } catch {
    return undefined;
  }
  const ours = await reader
    .selectFrom("domain")
    .select("organization_id")
    .where("name", "=", domain)
    .executeTakeFirst();
  if (!ours) return undefined;
  return { kind: "outside", organizationId: ours.organization_id, address: written, target };
}

function readCatchAll(reader: Reader, domain: string) {
  return reader
    .selectFrom("domain")
    .select(["catch_all_principal_id", "catch_all_address"])
    .where("name", "=", domain)
    .executeTakeFirst();
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
