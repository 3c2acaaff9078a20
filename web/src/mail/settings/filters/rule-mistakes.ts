import type { MailSettingsText } from "../../../i18n/mail-settings.ts";
import { parseAddress } from "../../composer/parse-address.ts";
import { type ActionForm, type ConditionForm, newMailbox, type RuleForm, readMegabytes } from "./rule-form.ts";

/** Names of the texts that say what a field lacks. */
export type Mistake = {
  [K in keyof MailSettingsText["filters"]]: MailSettingsText["filters"][K] extends string ? K : never;
}[keyof MailSettingsText["filters"]];

export interface RuleMistakes {
  /** By the key of the condition or action. */
  readonly fields: ReadonlyMap<number, Mistake>;
  readonly rule: Mistake | null;
}

const headerName = /^[\x21-\x39\x3b-\x7e]+$/;

function ofCondition(form: ConditionForm): Mistake | null {
  if (form.field === "attachment" || form.field === "list") return null;
  if (form.field === "size") return readMegabytes(form.megabytes) === null ? "needSize" : null;
  if (form.field === "header" && !headerName.test(form.header.trim())) return "needHeader";
  const mayBeEmpty = form.field === "subject" && (form.operator === "is" || form.operator === "isNot");
  return form.value.trim() === "" && !mayBeEmpty ? "needValue" : null;
}

function ofAction(form: ActionForm): Mistake | null {
  if (form.kind === "forward") return parseAddress(form.address)?.email === form.address.trim() ? null : "needAddress";
  if (form.kind === "reject") return form.text.trim() === "" ? "needText" : null;
  if (form.kind !== "move" && form.kind !== "copy") return null;
  if (form.mailboxId === newMailbox) return form.newName.trim() === "" ? "needFolder" : null;
  return form.mailboxId === null ? "needFolder" : null;
}

/** What keeps a rule from being saved. */
export function findMistakes({ conditions, actions }: RuleForm): RuleMistakes {
  const found = [
    ...conditions.map((form) => [form.key, ofCondition(form)] as const),
    ...actions.map((form) => [form.key, ofAction(form)] as const),
  ];
  const rejects = actions.some(({ kind }) => kind === "reject");
  const keeps = actions.some(({ kind }) => !["reject", "read", "flag", "label"].includes(kind));
  return {
    fields: new Map(found.flatMap(([key, mistake]) => (mistake === null ? [] : [[key, mistake]]))),
    rule: actions.length === 0 ? "needAction" : rejects && keeps ? "rejectAlone" : null,
  };
}
