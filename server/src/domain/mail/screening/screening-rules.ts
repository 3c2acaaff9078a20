import type { Reader } from "../../../store/database.ts";
import type { Screening } from "./screening.ts";
import { readPolicies, type ScreeningPolicy } from "./screening-policy.ts";
import { type MatchingRule, matchSenderRules } from "./sender-rules.ts";

/** What organizations and accounts have settled that applies to one message. */
export interface ScreeningRules {
  readonly policies: ReadonlyMap<string, ScreeningPolicy>;
  readonly rules: readonly MatchingRule[];
  /** Those that were looked up. */
  readonly accountIds: ReadonlySet<string>;
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
  const [policies, rules] = await Promise.all([
    readPolicies(reader, [organizationId]),
    matchSenderRules(reader, [organizationId], accountId === null ? [] : [accountId], sender, screening),
  ]);
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
