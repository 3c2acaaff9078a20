import { sql } from "kysely";
import type { Reader, Store } from "../../../store/database.ts";
import { isUuid } from "../../../store/uuid.ts";
import { DomainError } from "../../errors.ts";
import { normalizeAddress, normalizeDomain } from "../../identity/normalize-address.ts";
import { domainOf } from "../domain-of.ts";
import type { Screening } from "./screening.ts";

export interface SenderRule {
  readonly id: string;
  /** null: of the whole organization. */
  readonly accountId: string | null;
  readonly kind: "allow" | "block";
  /** An address, or a domain, which stands for those beneath it too. */
  readonly pattern: string;
  readonly createdAt: Date;
}

/** Whose list: an organization's, or one account's. */
export interface RuleOwner {
  readonly organizationId: string;
  readonly accountId: string | null;
}

interface Row {
  id: string;
  organization_id: string;
  account_id: string | null;
  kind: SenderRule["kind"];
  pattern: string;
  created_at: Date;
}

const mostRules = 5_000;

export async function listSenderRules(reader: Reader, owner: RuleOwner): Promise<SenderRule[]> {
  const result = await sql<Row>`
    SELECT id, organization_id, account_id, kind, pattern, created_at FROM sender_rule
    WHERE organization_id = ${owner.organizationId} AND account_id IS NOT DISTINCT FROM ${owner.accountId}::uuid
    ORDER BY pattern`.execute(reader);
  return result.rows.map(fromRow);
}

/**
 * Adds an entry, or changes the kind of the one for the same address or domain.
 * @throws DomainError `invalid`, `conflict` when the list is full
 */
export async function addSenderRule(
  store: Store,
  owner: RuleOwner,
  rule: { readonly kind: SenderRule["kind"]; readonly pattern: string; readonly createdBy: string | null },
): Promise<SenderRule> {
  const pattern = normalizePattern(rule.pattern);
  return store.transact(async (tx) => {
    const count = await sql<{ n: number }>`
      SELECT count(*)::int AS n FROM sender_rule
      WHERE organization_id = ${owner.organizationId} AND account_id IS NOT DISTINCT FROM ${owner.accountId}::uuid
        AND pattern <> ${pattern}`.execute(tx);
    if (count.rows[0]!.n >= mostRules) throw new DomainError("conflict", `A list has at most ${mostRules} entries`);
    const result = await sql<Row>`
      INSERT INTO sender_rule (organization_id, account_id, kind, pattern, created_by)
      VALUES (${owner.organizationId}, ${owner.accountId}, ${rule.kind}, ${pattern}, ${rule.createdBy})
      ON CONFLICT (organization_id, account_id, pattern) DO UPDATE SET kind = excluded.kind, created_by = excluded.created_by
      RETURNING id, organization_id, account_id, kind, pattern, created_at`.execute(tx);
    return fromRow(result.rows[0]!);
  });
}

/** @throws DomainError `not_found` */
export async function removeSenderRule(store: Store, owner: RuleOwner, id: string): Promise<void> {
  const missing = new DomainError("not_found", "There is no such entry");
  if (!isUuid(id)) throw missing;
  const result = await store.transact((tx) =>
    sql`DELETE FROM sender_rule WHERE organization_id = ${owner.organizationId} AND id = ${id}
      AND account_id IS NOT DISTINCT FROM ${owner.accountId}::uuid`.execute(tx),
  );
  if (!result.numAffectedRows) throw missing;
}

/** @throws DomainError `invalid` */
function normalizePattern(text: string): string {
  const trimmed = text.trim().replace(/^(?:\*?@|\*\.)/, "");
  try {
    return trimmed.includes("@") ? normalizeAddress(trimmed).address : normalizeDomain(trimmed);
  } catch (error) {
    throw new DomainError("invalid", "An entry is an address or a domain", { cause: error });
  }
}

export interface MatchingRule {
  readonly organizationId: string;
  readonly accountId: string | null;
  readonly kind: "allow" | "block";
  readonly pattern: string;
}

/**
 * The entries that would apply to a message: `claimed` to block it, `proved` to allow it. A block applies to what From or the return
 * path say; an allow only to who was authenticated: From when SPF or DKIM passed for a domain aligned with it, the return path when
 * SPF passed for its domain.
 */
export function patternsAbout(
  sender: string,
  { authenticity }: Pick<Screening, "authenticity">,
): { claimed: string[]; proved: string[] } {
  const from = authenticity.from ?? "";
  const returnPath = sender.toLowerCase();
  return {
    claimed: [...patternsOf(from), ...patternsOf(returnPath)],
    proved: [
      ...(authenticity.isAligned ? patternsOf(from) : []),
      ...(authenticity.spf === "pass" && authenticity.spfDomain === domainOf(returnPath) ? patternsOf(returnPath) : []),
    ],
  };
}

/** All entries that could name an address: itself, without its detail, its domain and those above. */
function patternsOf(address: string): string[] {
  const at = address.lastIndexOf("@");
  if (at < 1) return [];
  const domain = address.slice(at + 1);
  const plus = address.indexOf("+");
  const labels = domain.split(".").slice(-10);
  return [
    address,
    ...(plus > 0 && plus < at ? [`${address.slice(0, plus)}@${domain}`] : []),
    ...labels.map((_, index) => labels.slice(index).join(".")),
  ];
}

function fromRow(row: Row): SenderRule {
  return { id: row.id, accountId: row.account_id, kind: row.kind, pattern: row.pattern, createdAt: row.created_at };
}
