import type { Id } from "@bouquet/contract/jmap.ts";
import { useMemo } from "react";
import type { Choice } from "../../../ui/select.tsx";
import { useMailboxes } from "../../jmap/accounts.ts";
import { useMailboxName } from "../../navigation/mailbox-name.ts";
import { arrangeMailboxes } from "../../navigation/mailbox-tree.ts";
import type { FormMailboxes } from "./rule-form.ts";

export interface RuleMailboxes extends FormMailboxes {
  readonly inboxId: Id | undefined;
  /** Where a rule may file, own folders first. */
  readonly places: readonly Choice[];
  /** With the names of those above it; undefined when it is gone. */
  nameOf(id: Id): string | undefined;
}

/** The mailboxes of an account as rules speak of them. */
export function useRuleMailboxes(accountId: Id): RuleMailboxes {
  const { data } = useMailboxes(accountId);
  const nameOfOne = useMailboxName();
  return useMemo(() => {
    const mailboxes = data ?? [];
    const byId = new Map(mailboxes.map((mailbox) => [mailbox.id, mailbox]));
    const levels = (id: Id, name: (mailbox: (typeof mailboxes)[number]) => string): string[] => {
      const names: string[] = [];
      for (let at = byId.get(id); at && names.length < 20; at = byId.get(at.parentId ?? "")) names.unshift(name(at));
      return names;
    };
    const nameOf = (id: Id) => (byId.has(id) ? levels(id, nameOfOne).join("/") : undefined);
    const { roles, folders } = arrangeMailboxes(mailboxes);
    const offered = [
      ...folders.map(({ mailbox }) => mailbox),
      ...roles.filter(({ role }) => role === "inbox" || role === "archive" || role === "junk"),
    ];
    return {
      inboxId: mailboxes.find(({ role }) => role === "inbox")?.id,
      trashId: mailboxes.find(({ role }) => role === "trash")?.id,
      places: offered.map(({ id }) => ({ id, label: nameOf(id) ?? "" })),
      nameOf,
      pathOf: (id) => levels(id, ({ name }) => name).join("/"),
    };
  }, [data, nameOfOne]);
}
