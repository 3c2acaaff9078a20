/*
 * Filters as a screen shows them. They are kept as a Sieve script, which is written from them and read back to them: there is no
 * other copy. Texts have LF line ends.
 */

export interface FilterRules {
  vacation: VacationRule | null;
  forward: ForwardRule | null;
  /** In the order they are tried. */
  rules: FilterRule[];
}

export interface VacationRule {
  isEnabled: boolean;
  /** ISO 8601 in UTC, whole seconds: `2026-12-20T00:00:00Z`. */
  from: string | null;
  until: string | null;
  subject: string | null;
  text: string;
  html: string | null;
  /** Between two answers to one sender: 1 to 90. */
  days: number;
}

export interface ForwardRule {
  addresses: string[];
  /** False: the message is sent on and not kept, and no rule is tried. */
  keepsCopy: boolean;
}

export interface FilterRule {
  name: string;
  isEnabled: boolean;
  match: "all" | "any";
  /** None: every message. */
  conditions: FilterCondition[];
  actions: FilterAction[];
  /** No rule after it is tried on a message that it takes. */
  stops: boolean;
}

export type FilterCondition = TextCondition | SizeCondition | ListCondition;

export interface TextCondition {
  field: "from" | "to" | "cc" | "recipient" | "subject" | "body" | "header";
  /** With `header`. */
  header?: string;
  operator: "contains" | "is" | "startsWith" | "endsWith";
  value: string;
  isNegated: boolean;
}

export interface SizeCondition {
  field: "size";
  operator: "over" | "under";
  bytes: number;
}

/** Of a mailing list. */
export interface ListCondition {
  field: "list";
  isNegated: boolean;
}

export type FilterAction =
  | { kind: "move" | "copy"; mailboxId: string; mailbox: string }
  | { kind: "flag"; flags: string[] }
  | { kind: "forward"; address: string }
  | { kind: "discard" }
  | { kind: "reject"; text: string };

export const filterRulesLimits = {
  rules: 200,
  conditions: 50,
  actions: 10,
  forwards: 3,
  textLength: 20_000,
  valueLength: 1_000,
} as const;

/** Where a boundary of ours stands in an answer with HTML. */
export const vacationBoundary = "=_vacation";

/** Headers that each field of a condition looks at. */
export const conditionHeaders = {
  from: ["from"],
  to: ["to"],
  cc: ["cc"],
  recipient: ["to", "cc", "resent-to"],
  subject: ["subject"],
} as const;
