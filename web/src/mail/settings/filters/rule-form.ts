import type { Id } from "@bouquet/contract/jmap.ts";
import type { FilterAction, FilterCondition, FilterRule } from "@bouquet/contract/jmap-filters.ts";

/*
 * A rule as the fields of a form hold it: each condition and action with a key of its own, values as they are typed. What has an
 * attachment is a header (its content is of several parts) for the filter, and a choice of its own for people.
 */

export const conditionFields = [
  "from",
  "recipient",
  "to",
  "cc",
  "subject",
  "body",
  "attachment",
  "size",
  "list",
  "header",
] as const;
export type ConditionField = (typeof conditionFields)[number];

export const textOperators = [
  "contains",
  "notContains",
  "is",
  "isNot",
  "startsWith",
  "notStartsWith",
  "endsWith",
  "notEndsWith",
] as const;
export type TextOperator = (typeof textOperators)[number];

export interface ConditionForm {
  readonly key: number;
  readonly field: ConditionField;
  readonly operator: TextOperator;
  /** Of `attachment` and `list`. */
  readonly isThere: boolean;
  readonly sizeOperator: "over" | "under";
  readonly value: string;
  readonly header: string;
  readonly megabytes: string;
}

export const actionKinds = ["move", "copy", "read", "flag", "trash", "forward", "reject", "discard", "label"] as const;
export type ActionKind = (typeof actionKinds)[number];

/** Stands among the ids of mailboxes for one to be made. */
export const newMailbox = "new";

export interface ActionForm {
  readonly key: number;
  readonly kind: ActionKind;
  readonly mailboxId: Id | null;
  /** The path of a mailbox that may be gone. */
  readonly mailbox: string;
  readonly newName: string;
  readonly address: string;
  readonly text: string;
  readonly flags: readonly string[];
}

export interface RuleForm {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly match: "all" | "any";
  readonly conditions: readonly ConditionForm[];
  readonly actions: readonly ActionForm[];
  readonly stops: boolean;
}

let lastKey = 0;
const nextKey = () => ++lastKey;

const attachmentHeader = { header: "content-type", value: "multipart/mixed" } as const;

export function emptyCondition(): ConditionForm {
  return {
    key: nextKey(),
    field: "from",
    operator: "contains",
    isThere: true,
    sizeOperator: "over",
    value: "",
    header: "",
    megabytes: "5",
  };
}

export function emptyAction(): ActionForm {
  return { key: nextKey(), kind: "move", mailboxId: null, mailbox: "", newName: "", address: "", text: "", flags: [] };
}

export function emptyRule(): RuleForm {
  return {
    name: "",
    isEnabled: true,
    match: "all",
    conditions: [emptyCondition()],
    actions: [emptyAction()],
    stops: false,
  };
}

const negated = { contains: "notContains", is: "isNot", startsWith: "notStartsWith", endsWith: "notEndsWith" } as const;

export function operatorOf(condition: Extract<FilterCondition, { value: string }>): TextOperator {
  return condition.isNegated ? negated[condition.operator] : condition.operator;
}

export function isAboutAttachment(condition: FilterCondition): boolean {
  return (
    condition.field === "header" &&
    condition.operator === "contains" &&
    condition.header?.toLowerCase() === attachmentHeader.header &&
    condition.value.toLowerCase() === attachmentHeader.value
  );
}

function conditionToForm(condition: FilterCondition): ConditionForm {
  const form = emptyCondition();
  if (condition.field === "size") {
    const megabytes = String(condition.bytes / 1e6);
    return { ...form, field: "size", sizeOperator: condition.operator, megabytes };
  }
  if (condition.field === "list") return { ...form, field: "list", isThere: !condition.isNegated };
  if (isAboutAttachment(condition)) return { ...form, field: "attachment", isThere: !condition.isNegated };
  const { field, value, header = "" } = condition;
  return { ...form, field, operator: operatorOf(condition), value, header };
}

function actionsToForm(action: FilterAction, trashId: Id | undefined): ActionForm[] {
  const form = emptyAction();
  switch (action.kind) {
    case "move":
    case "copy": {
      const kind = action.kind === "move" && action.mailboxId === trashId ? "trash" : action.kind;
      return [{ ...form, kind, mailboxId: action.mailboxId, mailbox: action.mailbox }];
    }
    case "flag": {
      const others = action.flags.filter((flag) => !isSeen(flag) && !isFlagged(flag));
      return [
        ...(action.flags.some(isSeen) ? [{ ...form, kind: "read" as const }] : []),
        ...(action.flags.some(isFlagged) ? [{ ...emptyAction(), kind: "flag" as const }] : []),
        ...(others.length > 0 ? [{ ...emptyAction(), kind: "label" as const, flags: others }] : []),
      ];
    }
    case "forward":
      return [{ ...form, kind: "forward", address: action.address }];
    case "reject":
      return [{ ...form, kind: "reject", text: action.text }];
    case "discard":
      return [{ ...form, kind: "discard" }];
  }
}

export const isSeen = (flag: string): boolean => flag.toLowerCase() === "\\seen";
export const isFlagged = (flag: string): boolean => flag.toLowerCase() === "\\flagged";

export function ruleToForm(rule: FilterRule, trashId: Id | undefined): RuleForm {
  return {
    name: rule.name,
    isEnabled: rule.isEnabled,
    match: rule.match,
    conditions: rule.conditions.map(conditionToForm),
    actions: rule.actions.flatMap((action) => actionsToForm(action, trashId)),
    stops: rule.stops,
  };
}

/** Bytes; null when it is no size. */
export function readMegabytes(text: string): number | null {
  const number = Number(text.trim().replace(",", "."));
  if (text.trim() === "" || !Number.isFinite(number) || number <= 0 || number > 1e6) return null;
  return Math.round(number * 1e6);
}

function conditionFromForm(form: ConditionForm): FilterCondition {
  if (form.field === "size") {
    return { field: "size", operator: form.sizeOperator, bytes: readMegabytes(form.megabytes) ?? 0 };
  }
  if (form.field === "list") return { field: "list", isNegated: !form.isThere };
  if (form.field === "attachment") {
    return { field: "header", ...attachmentHeader, operator: "contains", isNegated: !form.isThere };
  }
  const isNegated = form.operator === "isNot" || form.operator.startsWith("not");
  const [operator] = Object.entries(negated).find(([, not]) => not === form.operator) ?? [form.operator];
  return {
    field: form.field,
    ...(form.field === "header" && { header: form.header.trim().toLowerCase() }),
    operator: operator as keyof typeof negated,
    value: form.value.trim(),
    isNegated,
  };
}

/** What a form needs from the mailboxes of the account. */
export interface FormMailboxes {
  readonly trashId: Id | undefined;
  /** Names of its levels, separated by slashes. */
  pathOf(id: Id): string;
}

function actionFromForm(form: ActionForm, mailboxes: FormMailboxes): FilterAction[] {
  const place = (mailboxId: Id) => ({ mailboxId, mailbox: mailboxes.pathOf(mailboxId) || form.mailbox });
  switch (form.kind) {
    case "move":
    case "copy":
      return form.mailboxId === null ? [] : [{ kind: form.kind, ...place(form.mailboxId) }];
    case "trash":
      return mailboxes.trashId === undefined ? [] : [{ kind: "move", ...place(mailboxes.trashId) }];
    case "read":
      return [{ kind: "flag", flags: ["\\Seen"] }];
    case "flag":
      return [{ kind: "flag", flags: ["\\Flagged"] }];
    case "label":
      return [{ kind: "flag", flags: [...form.flags] }];
    case "forward":
      return [{ kind: "forward", address: form.address.trim().toLowerCase() }];
    case "reject":
      return [{ kind: "reject", text: form.text.trim() }];
    case "discard":
      return [{ kind: "discard" }];
  }
}

/** The rule of a form in which `findMistakes` finds nothing. */
export function formToRule(form: RuleForm, mailboxes: FormMailboxes): FilterRule {
  const actions = form.actions.flatMap((action) => actionFromForm(action, mailboxes));
  const isFlag = ({ kind }: FilterAction) => kind === "flag";
  return {
    name: form.name.trim(),
    isEnabled: form.isEnabled,
    match: form.match,
    conditions: form.conditions.map(conditionFromForm),
    // Flags first, as the server keeps them.
    actions: [...actions.filter(isFlag), ...actions.filter((action) => !isFlag(action))],
    stops: form.stops,
  };
}
