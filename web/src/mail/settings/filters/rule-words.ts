import type { Id } from "@bouquet/contract/jmap.ts";
import type { FilterAction, FilterCondition, FilterRule } from "@bouquet/contract/jmap-filters.ts";
import { formatBytes } from "../../../i18n/format.ts";
import type { Language } from "../../../i18n/language.ts";
import type { MailSettingsText } from "../../../i18n/mail-settings.ts";
import { isAboutAttachment, isFlagged, isSeen, operatorOf } from "./rule-form.ts";

/** Part of a sentence; what a person has chosen stands out. */
export interface Words {
  readonly text: string;
  readonly isStrong?: true;
}

export interface Wording {
  readonly t: MailSettingsText["filters"];
  readonly language: Language;
  readonly trashId: Id | undefined;
  /** Undefined when the mailbox is gone. */
  nameOf(id: Id): string | undefined;
}

const plain = (text: string): Words => ({ text });
const strong = (text: string): Words => ({ text, isStrong: true });

function conditionWords(condition: FilterCondition, { t, language }: Wording): Words[] {
  if (condition.field === "size") {
    const size = formatBytes(language, condition.bytes);
    return [plain(condition.operator === "over" ? t.sizeOver(size) : t.sizeUnder(size))];
  }
  if (condition.field === "list") return [plain(condition.isNegated ? t.notListInSentence : t.listInSentence)];
  if (isAboutAttachment(condition)) return [plain(condition.isNegated ? t.hasNoAttachment : t.hasAttachment)];
  const what =
    condition.field === "header" ? t.headerInSentence(condition.header ?? "") : t.inSentence[condition.field];
  const value = condition.value === "" ? "∅" : condition.value;
  return [plain(`${what} ${t.operators[operatorOf(condition)]} `), strong(value)];
}

/** A sentence of the words of one text with what it is about, which stands out. */
function around(say: (value: string) => string, value: string): Words[] {
  const [before = "", after = ""] = say("\u0000").split("\u0000");
  return [plain(before), strong(value), ...(after === "" ? [] : [plain(after)])];
}

function actionWords(action: FilterAction, { t, trashId, nameOf }: Wording): Words[][] {
  switch (action.kind) {
    case "move":
      if (action.mailboxId === trashId) return [[plain(t.doTrash)]];
      return [around(t.doMove, nameOf(action.mailboxId) ?? action.mailbox)];
    case "copy":
      return [around(t.doCopy, nameOf(action.mailboxId) ?? action.mailbox)];
    case "flag": {
      const others = action.flags.filter((flag) => !isSeen(flag) && !isFlagged(flag));
      return [
        ...(action.flags.some(isSeen) ? [[plain(t.doRead)]] : []),
        ...(action.flags.some(isFlagged) ? [[plain(t.doFlag)]] : []),
        ...(others.length > 0 ? [around(t.doLabel, others.join(", "))] : []),
      ];
    }
    case "forward":
      return [around(t.doForward, action.address)];
    case "reject":
      return [[plain(t.doReject)]];
    case "discard":
      return [[plain(t.doDiscard)]];
  }
}

function join(parts: readonly Words[][], between: string): Words[] {
  return parts.flatMap((part, at) => (at === 0 ? part : [plain(between), ...part]));
}

/** « Si l’expéditeur contient x et l’objet contient y, alors ranger dans Voirie, marquer comme lu. » */
export function describeRule(rule: FilterRule, wording: Wording): Words[] {
  const { t } = wording;
  const conditions = rule.conditions.map((condition) => conditionWords(condition, wording));
  const actions = rule.actions.flatMap((action) => actionWords(action, wording));
  if (actions.length === 0) actions.push([plain(t.doNothing)]);
  if (rule.stops) actions.push([plain(t.stops)]);
  const begin =
    conditions.length === 0
      ? [plain(`${t.everything}, `)]
      : [plain(`${t.if} `), ...join(conditions, rule.match === "all" ? t.and : t.or), plain(`, ${t.thenWord} `)];
  return [...begin, ...join(actions, ", "), plain(".")];
}

export function plainWords(words: readonly Words[]): string {
  return words.map(({ text }) => text).join("");
}
