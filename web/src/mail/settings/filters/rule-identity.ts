import type { FilterRule } from "@bouquet/contract/jmap-filters.ts";

/* A rule has no identifier: it is what it says. */

const keys = new Map<string, string>();

/** The same on or off, so that the switch of a rule stays where it is. */
const saying = (rule: FilterRule): string => JSON.stringify({ ...rule, isEnabled: true });

function keyOf(rule: FilterRule): string {
  const said = saying(rule);
  const known = keys.get(said) ?? `r${keys.size}`;
  keys.set(said, known);
  return known;
}

/** Keys of React for the lines of a list: a rule that moves, or that is written again, keeps its line and the focus in it. */
export function keysOfRules(rules: readonly FilterRule[]): string[] {
  const used = new Map<string, number>();
  return rules.map((rule) => {
    const key = keyOf(rule);
    const before = used.get(key) ?? 0;
    used.set(key, before + 1);
    return before === 0 ? key : `${key} ${before}`;
  });
}

/** Notes that a rule is another one written again. */
export function continueRule(before: FilterRule, after: FilterRule): void {
  keys.set(saying(after), keyOf(before));
}

/** Where a rule stands in a list that may have been read again; -1 when it is gone. */
export function placeOf(rules: readonly FilterRule[], rule: FilterRule): number {
  const same = rules.indexOf(rule);
  if (same >= 0) return same;
  const said = JSON.stringify(rule);
  return rules.findIndex((each) => JSON.stringify(each) === said);
}

/** A list with others in the place of one rule; as it is when that is gone. */
export function replaceRule(rules: FilterRule[], rule: FilterRule, ...others: FilterRule[]): FilterRule[] {
  const at = placeOf(rules, rule);
  return at < 0 ? rules : rules.toSpliced(at, 1, ...others);
}
