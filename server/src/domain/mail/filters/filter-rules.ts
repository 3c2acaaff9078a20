import { soleAddress } from "../../../formats/sieve/address-part.ts";
import { isFieldName } from "../../../formats/sieve/field-names.ts";
import {
  type FilterAction,
  type FilterCondition,
  type FilterRule,
  type FilterRules,
  filterRulesLimits as limits,
  vacationBoundary,
} from "../../../formats/sieve/rules/filter-rules.ts";
import { readRules as rulesOf } from "../../../formats/sieve/rules/read-rules.ts";
import { writeRules } from "../../../formats/sieve/rules/write-rules.ts";
import type { Reader, Store } from "../../../store/database.ts";
import { type AccountAccess, requireRight } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import { normalizeFlags } from "../flags.ts";
import { putScript, requireFilterRight } from "./change-scripts.ts";
import { scriptState } from "./read-scripts.ts";

/** The script that `saveRules` makes when no other holds rules. */
const rulesScriptName = "Bouquet";

/**
 * What filters a mailbox: nothing yet, rules that a screen can show, or a script that a person wrote, which only an editor of
 * scripts may show.
 */
export type AccountFilters =
  | { readonly kind: "rules"; readonly scriptName: string | null; readonly rules: FilterRules; readonly state: string }
  | { readonly kind: "script"; readonly scriptName: string; readonly state: string };

/** Reads the active script as rules. @throws DomainError `forbidden` */
export async function readRules(reader: Reader, access: AccountAccess): Promise<AccountFilters> {
  requireRight(access, "read");
  const script = await reader
    .selectFrom("sieve_script")
    .select(["name", "content"])
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("is_active", "=", true)
    .executeTakeFirst();
  const state = await scriptState(reader, access);
  if (!script) return { kind: "rules", scriptName: null, rules: { vacation: null, forward: null, rules: [] }, state };
  const rules = rulesOf(script.content);
  if (!rules) return { kind: "script", scriptName: script.name, state };
  return { kind: "rules", scriptName: script.name, rules, state };
}

/**
 * Writes rules as the active script. A script that a person wrote stays as it is; unless `replacesScript` says that it shall not be
 * the active one any more, the rules are refused then.
 * @throws DomainError `forbidden`, `invalid` (`data.path` names what is wrong, as `rules/0/conditions/1/value`), `conflict` for a script
 *   of a person's, `over_quota`
 */
export async function saveRules(
  { store }: { readonly store: Store },
  access: AccountAccess,
  rules: FilterRules,
  { replacesScript = false } = {},
): Promise<void> {
  requireFilterRight(access);
  checkRules(rules);
  const content = writeRules(normalized(rules));
  const current = await readRules(store.read, access);
  if (current.kind === "script" && !replacesScript) {
    throw new DomainError("conflict", "The filters of this mailbox are a script that somebody wrote");
  }
  const kept = current.kind === "rules" ? current.scriptName : null;
  const name = kept ?? (await freeName(store.read, access));
  await putScript({ store }, access, { name, content }, { mayReplace: true, activate: true });
}

/** A name that is free, or that of a script that was written from rules. */
async function freeName(reader: Reader, access: AccountAccess): Promise<string> {
  const taken = await reader
    .selectFrom("sieve_script")
    .select(["name", "content"])
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("name", "like", `${rulesScriptName}%`)
    .execute();
  for (let n = 1; ; n++) {
    const name = n === 1 ? rulesScriptName : `${rulesScriptName} ${n}`;
    const other = taken.find((each) => each.name === name);
    if (!other || rulesOf(other.content)) return name;
  }
}

/**
 * What the script keeps: line ends and moments in one form; flags before what files the message, which takes those that are set by then
 * (RFC 5232 section 3).
 */
function normalized(rules: FilterRules): FilterRules {
  const text = (value: string): string => value.replace(/\r\n?/g, "\n");
  const moment = (value: string | null): string | null =>
    value === null ? null : new Date(value).toISOString().replace(/\.\d+Z$/, "Z");
  const { vacation } = rules;
  return {
    ...rules,
    vacation: vacation && {
      ...vacation,
      from: moment(vacation.from),
      until: moment(vacation.until),
      text: text(vacation.text),
      html: vacation.html === null ? null : text(vacation.html),
    },
    rules: rules.rules.map((rule) => {
      const isFlag = ({ kind }: FilterAction) => kind === "flag";
      const others = rule.actions.filter((action) => !isFlag(action));
      return { ...rule, actions: [...rule.actions.filter(isFlag), ...others] };
    }),
  };
}

function checkRules({ vacation, forward, rules }: FilterRules): void {
  if (vacation) {
    const { subject, text, html, days, from, until } = vacation;
    requireText(subject ?? "", "vacation/subject", 500, true);
    requireText(text, "vacation/text", limits.textLength);
    requireText(html ?? "", "vacation/html", limits.textLength);
    if (html !== null && `${text}${html}`.includes(vacationBoundary)) throw wrong("vacation/html", "is not possible");
    if (days < 1 || days > 90) throw wrong("vacation/days", "goes from 1 to 90");
    if (from !== null && until !== null && new Date(from) >= new Date(until))
      throw wrong("vacation/until", "comes first");
  }
  if (forward) {
    if (forward.addresses.length === 0 || forward.addresses.length > limits.forwards) {
      throw wrong("forward/addresses", `has 1 to ${limits.forwards} addresses`);
    }
    for (const [index, each] of forward.addresses.entries()) requireAddress(each, `forward/addresses/${index}`);
  }
  if (rules.length > limits.rules) throw wrong("rules", `has at most ${limits.rules}`);
  for (const [index, rule] of rules.entries()) checkRule(rule, `rules/${index}`);
}

function checkRule(rule: FilterRule, path: string): void {
  requireText(rule.name, `${path}/name`, 200, true);
  if (rule.conditions.length > limits.conditions) throw wrong(`${path}/conditions`, `has at most ${limits.conditions}`);
  if (rule.actions.length > limits.actions) throw wrong(`${path}/actions`, `has at most ${limits.actions}`);
  for (const [index, each] of rule.conditions.entries()) checkCondition(each, `${path}/conditions/${index}`);
  for (const [index, each] of rule.actions.entries()) checkAction(each, `${path}/actions/${index}`);
  const rejects = rule.actions.some((each) => each.kind === "reject");
  if (rejects && rule.actions.some((each) => each.kind !== "reject" && each.kind !== "flag")) {
    throw wrong(`${path}/actions`, "refuses the message and keeps it");
  }
}

function checkCondition(condition: FilterCondition, path: string): void {
  if (condition.field === "list") return;
  if (condition.field === "size") {
    if (condition.bytes < 0 || condition.bytes > 2 ** 40) throw wrong(`${path}/bytes`, "is out of range");
    return;
  }
  requireText(condition.value, `${path}/value`, limits.valueLength, true);
  if (condition.field === "header" && !isFieldName(condition.header ?? ""))
    throw wrong(`${path}/header`, "is no header");
  if (condition.value === "" && condition.operator !== "is") throw wrong(`${path}/value`, "is empty");
}

function checkAction(action: FilterAction, path: string): void {
  if (action.kind === "forward") requireAddress(action.address, `${path}/address`);
  if (action.kind === "reject") requireText(action.text, `${path}/text`, limits.textLength);
  if (action.kind === "flag") {
    normalizeFlags(action.flags);
    if (action.flags.length === 0) throw wrong(`${path}/flags`, "is empty");
  }
  if (action.kind === "move" || action.kind === "copy") {
    requireText(action.mailbox, `${path}/mailbox`, 1_000, true);
    if (action.mailbox.trim() === "") throw wrong(`${path}/mailbox`, "is empty");
  }
}

function requireAddress(text: string, path: string): void {
  if (soleAddress(text) !== text) throw wrong(path, "is not an e-mail address");
}

function requireText(text: string, path: string, length: number, isOneLine = false): void {
  if (text.length > length) throw wrong(path, `has at most ${length} characters`);
  if (!text.isWellFormed() || text.includes("\0")) throw wrong(path, "holds a character that is not possible");
  if (isOneLine && /\p{Cc}/u.test(text)) throw wrong(path, "is one line");
}

function wrong(path: string, text: string): DomainError {
  return new DomainError("invalid", `${path} ${text}`, { data: { path } });
}
