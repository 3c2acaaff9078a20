import type { Reader } from "../../../store/database.ts";
import { prepare } from "../../../store/prepared.ts";
import type { ActiveScript } from "../filters/run-filters.ts";
import { type CorpusSize, organizationMemory } from "../screening/classify-message.ts";
import type { Screening } from "../screening/screening.ts";
import type { RecipientAccount } from "./resolve-recipient.ts";

/** Where mail of an account goes beside its inbox, and what decides about it. */
export interface AccountRoute {
  junkId: string | undefined;
  /** The primary one first; empty when the owner has none. */
  addresses: readonly string[];
  forward: { addresses: readonly string[]; keepsCopy: boolean } | undefined;
  /** Undefined: the account filters nothing. */
  script: ActiveScript | undefined;
  /** False while the owner is suspended or may not send: nothing leaves by a forward or a filter then, and what comes is kept. */
  sendsOn: boolean;
  /** What the classifier has learned for the account and its organization. */
  corpora: readonly CorpusSize[];
}

export interface RouteRow {
  id: string;
  inbox_id: string;
  junk_id: string | null;
  addresses: string[] | null;
  forward: string[] | null;
  keeps_copy: boolean | null;
  script_name: string | null;
  script: string | null;
  sends_on: boolean;
  corpora: [accountId: string, spam: number, ham: number][] | null;
}

/** Of the accounts ($1 their organizations, $2 they), with the organizations' memory ($3). */
export const routesQuery = `
  SELECT a.id, i.id AS inbox_id, j.id AS junk_id, f.addresses AS forward, f.keeps_copy, s.name AS script_name, s.content AS script,
    EXISTS (SELECT FROM principal p WHERE p.organization_id = a.organization_id AND p.id = a.owner_id AND p.state = 'active')
      AND NOT EXISTS (SELECT FROM sending_pause q WHERE q.organization_id = a.organization_id AND q.principal_id = a.owner_id
        AND q.resumed_at IS NULL) AS sends_on,
    (SELECT array_agg(d.address ORDER BY d.kind = 'primary' DESC, d.address) FROM address d
      WHERE d.organization_id = a.organization_id AND d.principal_id = a.owner_id) AS addresses,
    (SELECT json_agg(json_build_array(c.account_id, c.spam, c.ham)) FROM spam_corpus c
      WHERE c.organization_id = a.organization_id AND c.account_id IN (a.id, $3::uuid)) AS corpora
  FROM unnest($1::uuid[], $2::uuid[]) AS wanted (organization_id, id)
  JOIN account a ON a.organization_id = wanted.organization_id AND a.id = wanted.id AND a.deleted_at IS NULL
  JOIN mailbox i ON i.organization_id = a.organization_id AND i.account_id = a.id AND i.role = 'inbox' AND i.deleted_at IS NULL
  LEFT JOIN mailbox j ON j.organization_id = a.organization_id AND j.account_id = a.id AND j.role = 'junk' AND j.deleted_at IS NULL
  LEFT JOIN mail_forward f ON f.organization_id = a.organization_id AND f.account_id = a.id
  LEFT JOIN sieve_script s ON s.organization_id = a.organization_id AND s.account_id = a.id AND s.is_active`;

const statement = prepare<RouteRow>("mail_account_routes", routesQuery);

export type AccountRoutes = ReadonlyMap<string, AccountRoute & { inboxId: string }>;

/** What screening read together with its rules, for the delivery that follows at once. */
const remembered = new WeakMap<Screening, { routes: AccountRoutes; accountIds: ReadonlySet<string> }>();

/** @param accountIds those that were looked for */
export function rememberRoutes(screening: Screening, routes: AccountRoutes, accountIds: ReadonlySet<string>): void {
  remembered.set(screening, { routes, accountIds });
}

/** The same as `readAccountRoutes`, from what was read with the rules of this message a moment ago if it is all there. */
export async function routesOf(
  reader: Reader,
  accounts: readonly Pick<RecipientAccount, "organizationId" | "accountId">[],
  screening: Screening | undefined,
): Promise<AccountRoutes> {
  const known = screening && remembered.get(screening);
  if (known && accounts.every(({ accountId }) => known.accountIds.has(accountId))) return known.routes;
  return readAccountRoutes(reader, accounts);
}

/** Reads the routes of many accounts in one query. @returns by account id; an account that is gone, or without inbox, is missing */
export async function readAccountRoutes(
  reader: Reader,
  accounts: readonly Pick<RecipientAccount, "organizationId" | "accountId">[],
): Promise<AccountRoutes> {
  if (accounts.length === 0) return new Map();
  const rows = await statement.execute(reader, [
    accounts.map((each) => each.organizationId),
    accounts.map((each) => each.accountId),
    organizationMemory,
  ]);
  return routesFromRows(rows);
}

export function routesFromRows(rows: readonly RouteRow[]): AccountRoutes {
  return new Map(
    rows.map((row) => [
      row.id,
      {
        inboxId: row.inbox_id,
        junkId: row.junk_id ?? undefined,
        addresses: row.addresses ?? [],
        forward: row.forward ? { addresses: row.forward, keepsCopy: row.keeps_copy! } : undefined,
        script: row.script === null ? undefined : { name: row.script_name!, content: row.script },
        sendsOn: row.sends_on,
        corpora: (row.corpora ?? []).map(([accountId, spam, ham]) => ({ accountId, spam, ham })),
      },
    ]),
  );
}
