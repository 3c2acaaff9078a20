import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { prepare } from "../../../store/prepared.ts";
import { type AccountRoutes, type RouteRow, routesFromRows, routesQuery } from "../delivery/read-account-routes.ts";
import { organizationMemory } from "./classify-message.ts";
import type { Screening } from "./screening.ts";
import { defaultPolicy, type PolicyRow, policyFromRow, type ScreeningPolicy } from "./screening-policy.ts";
import { type MatchingRule, patternsAbout } from "./sender-rules.ts";

/** What organizations and accounts have settled that applies to one message. */
export interface ScreeningRules {
  readonly policies: ReadonlyMap<string, ScreeningPolicy>;
  readonly rules: readonly MatchingRule[];
  /** Those that were looked up. */
  readonly accountIds: ReadonlySet<string>;
}

interface Row {
  routes: RouteRow[] | null;
  policies: PolicyRow[] | null;
  rules: [organizationId: string, accountId: string | null, kind: MatchingRule["kind"], pattern: string][] | null;
}

// Asked for each message that is received.
const statement = prepare<Row>(
  "mail_screening_rules",
  `SELECT (SELECT json_agg(w) FROM (${routesQuery}) w) AS routes,
    (SELECT json_agg(p) FROM screening_policy p WHERE p.organization_id = ANY($4::uuid[])) AS policies,
    (SELECT json_agg(json_build_array(r.organization_id, r.account_id, r.kind, r.pattern) ORDER BY r.created_at) FROM sender_rule r
      WHERE r.organization_id = ANY($4::uuid[]) AND (r.account_id IS NULL OR r.account_id = ANY($5::uuid[]))
        AND ((r.kind = 'block' AND r.pattern = ANY($6::text[])) OR (r.kind = 'allow' AND r.pattern = ANY($7::text[])))) AS rules`,
);

/**
 * What applies to a message once its sender was authenticated, with the routes that its delivery asks for next, in one statement.
 * @param accountIds beside the organizations' own lists
 * @param routed accounts whose routes are asked for
 */
export async function readScreeningRules(
  reader: Reader,
  organizationIds: readonly string[],
  accountIds: readonly string[],
  sender: string,
  screening: Pick<Screening, "authenticity">,
  routed: readonly AccountKey[] = [],
): Promise<ScreeningRules & { readonly routes: AccountRoutes }> {
  const { claimed, proved } = patternsAbout(sender, screening);
  const [row] = await statement.execute(reader, [
    routed.map((each) => each.organizationId),
    routed.map((each) => each.accountId),
    organizationMemory,
    organizationIds,
    accountIds,
    claimed,
    proved,
  ]);
  const found = new Map(row?.policies?.map((each) => [each.organization_id, policyFromRow(each)]));
  return {
    policies: new Map(organizationIds.map((id) => [id, found.get(id) ?? defaultPolicy])),
    rules: (row?.rules ?? []).map(([organizationId, accountId, kind, pattern]) => ({
      organizationId,
      accountId,
      kind,
      pattern,
    })),
    accountIds: new Set(accountIds),
    routes: routesFromRows(row?.routes ?? []),
  };
}

/** Read once, when the message is screened: the delivery to each account finds them here. */
const remembered = new WeakMap<Screening, ScreeningRules>();

export function rememberRules(screening: Screening, rules: ScreeningRules): void {
  remembered.set(screening, rules);
}

/** The rules for one account, or for an organization as such. Read from the database when the message was screened elsewhere. */
export async function rulesFor(
  reader: Reader,
  { organizationId, accountId }: { organizationId: string; accountId: string | null },
  sender: string,
  screening: Screening,
): Promise<{ policy: ScreeningPolicy; rules: readonly MatchingRule[] }> {
  const known = remembered.get(screening);
  const policy = known?.policies.get(organizationId);
  if (known && policy && (accountId === null || known.accountIds.has(accountId))) {
    return { policy, rules: rulesAbout(known.rules, organizationId, accountId) };
  }
  const accountIds = accountId === null ? [] : [accountId];
  const { policies, rules } = await readScreeningRules(reader, [organizationId], accountIds, sender, screening);
  return { policy: policies.get(organizationId)!, rules };
}

/** Those of the organization, and of the account. */
export function rulesAbout(
  rules: readonly MatchingRule[],
  organizationId: string,
  accountId: string | null | undefined,
): readonly MatchingRule[] {
  return rules.filter(
    (rule) => rule.organizationId === organizationId && (rule.accountId === null || rule.accountId === accountId),
  );
}
