import type { FilterOf, Id, PatchObject } from "@bouquet/contract/jmap.ts";
import type { FilterAction, FilterCondition, FilterRule } from "@bouquet/contract/jmap-filters.ts";
import type { EmailFilter } from "@bouquet/contract/jmap-mail.ts";
import { call, requireAllSet } from "../../jmap/client.ts";
import { isAboutAttachment, isFlagged, isSeen } from "./rule-form.ts";

type Filter = FilterOf<EmailFilter>;

function not(filter: Filter, isNegated: boolean): Filter {
  return isNegated ? { operator: "NOT", conditions: [filter] } : filter;
}

/** Null for what a search cannot say: comparisons of the whole text. */
function ofCondition(condition: FilterCondition): Filter | null {
  if (condition.field === "size") {
    return condition.operator === "over" ? { minSize: condition.bytes + 1 } : { maxSize: condition.bytes };
  }
  if (condition.field === "list") return not({ header: ["List-Id"] }, condition.isNegated);
  if (isAboutAttachment(condition)) return { hasAttachment: !condition.isNegated };
  const { field, value, isNegated } = condition;
  if (condition.operator !== "contains" || value === "") return null;
  if (field === "header") return not({ header: [condition.header ?? "", value] }, isNegated);
  if (field === "recipient") return not({ operator: "OR", conditions: [{ to: value }, { cc: value }] }, isNegated);
  return not({ [field]: value }, isNegated);
}

/** The messages of a mailbox that a rule would take; null when a search cannot tell. */
export function ruleFilter({ conditions, match }: FilterRule, mailboxId: Id): Filter | null {
  const found = conditions.map(ofCondition);
  if (found.some((filter) => filter === null)) return null;
  const here: EmailFilter = { inMailbox: mailboxId };
  if (found.length === 0) return here;
  const of: Filter = { operator: match === "all" ? "AND" : "OR", conditions: found as Filter[] };
  return { operator: "AND", conditions: [here, of] };
}

const jmapKeyword = (flag: string): string =>
  isSeen(flag) ? "$seen" : isFlagged(flag) ? "$flagged" : flag.replace(/^\\/, "$").toLowerCase();

/** What a rule does to a message that is in a mailbox already; null for what is only done when it arrives. */
export function rulePatch({ actions }: Pick<FilterRule, "actions">, from: Id): PatchObject | null {
  const patch: PatchObject = {};
  for (const action of actions satisfies readonly FilterAction[]) {
    if (action.kind === "flag") for (const flag of action.flags) patch[`keywords/${jmapKeyword(flag)}`] = true;
    else if (action.kind === "move" || action.kind === "copy") {
      if (action.kind === "move" && action.mailboxId !== from) patch[`mailboxIds/${from}`] = null;
      if (action.mailboxId !== from) patch[`mailboxIds/${action.mailboxId}`] = true;
    } else return null;
  }
  return patch;
}

const maxIds = 5000;
const maxObjects = 400;

/** How many messages of a mailbox a rule would take. */
export async function countMatches(accountId: Id, filter: Filter, signal?: AbortSignal): Promise<number> {
  const { total, ids } = await call("Email/query", { accountId, filter, calculateTotal: true, limit: 1 }, signal);
  return total ?? ids.length;
}

/**
 * Does to the messages of a mailbox what a rule does to those that arrive; the newest 5000 of them.
 * @returns how many
 * @throws JmapError, ApiError, OfflineError
 */
export async function applyRule(accountId: Id, rule: FilterRule, mailboxId: Id): Promise<number> {
  const filter = ruleFilter(rule, mailboxId);
  const patch = rulePatch(rule, mailboxId);
  if (filter === null || patch === null) return 0;
  const sort = [{ property: "receivedAt", isAscending: false }];
  const { ids } = await call("Email/query", { accountId, filter, sort, limit: maxIds });
  for (let at = 0; at < ids.length; at += maxObjects) {
    const update = Object.fromEntries(ids.slice(at, at + maxObjects).map((id) => [id, patch]));
    requireAllSet(await call("Email/set", { accountId, update }));
  }
  return ids.length;
}
