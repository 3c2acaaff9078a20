import type { Id, PatchObject } from "@bouquet/contract/jmap.ts";
import type { Mailbox, MailboxRole } from "@bouquet/contract/jmap-mail.ts";
import { useMemo } from "react";
import { useErrorText } from "../../api/error-text.ts";
import { ApiError, OfflineError } from "../../api/http.ts";
import { useMailText } from "../../i18n/mail.ts";
import { useUiText } from "../../i18n/ui.ts";
import { toast, toastProblem, toastWithUndo } from "../../ui/toast.tsx";
import type { AccountCache, EmailSummary, ListItem } from "../jmap/account-cache.ts";
import { useCache } from "../jmap/accounts.ts";
import { useMailboxName } from "../navigation/mailbox-name.ts";
import { shownEmails } from "../reading/shown-emails.ts";
import { type MailView, scopeOf } from "../view.ts";
import { applyPatches, changeEmails, destroyEmails, type EmailPatches } from "./change-emails.ts";

export type ThreadActions = ReturnType<typeof useThreadActions>;

/** What can be done with conversations of a view: at once on the screen, with « Annuler » where it moves something. */
export function useThreadActions(view: MailView) {
  const t = useMailText();
  const ui = useUiText();
  const cache = useCache(view.account.id);
  const errorText = useErrorText();
  const nameOf = useMailboxName();
  return useMemo(() => {
    const explain = (error: unknown) =>
      toastProblem(error instanceof ApiError || error instanceof OfflineError ? errorText(error) : t.actionFailed);

    const undo = (inverse: EmailPatches) => {
      applyPatches(cache, inverse);
      changeEmails(cache, inverse)
        .then(() => cache.refreshLists())
        .catch(explain);
    };
    const run = (patches: EmailPatches, done?: string) => {
      if (patches.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<EmailPatches | null>();
      // Shown before the server has answered, as the change itself is; undoing waits for it.
      const close =
        done && toastWithUndo(done, ui.undo, () => void promise.then((inverse) => inverse && undo(inverse)));
      changeEmails(cache, patches).then(resolve, (error: unknown) => {
        resolve(null);
        if (close) close();
        explain(error);
      });
    };

    const emailsOf = (items: readonly ListItem[]) => items.flatMap((item) => affectedEmails(cache, view, item));
    const moveTo = (items: readonly ListItem[], target: Mailbox | undefined, done: string) => {
      if (!target) return toastProblem(t.actionFailed);
      run(movePatches(emailsOf(items), scopeOf(view).mailboxId, target.id), done);
    };
    const withRole = (role: MailboxRole) => view.mailboxes.find((mailbox) => mailbox.role === role);
    const mark = (items: readonly ListItem[], keyword: string, isSet: boolean, lastOnly = false) => {
      const patches = new Map<Id, PatchObject>();
      for (const item of items) {
        const emails = affectedEmails(cache, view, item);
        for (const email of lastOnly ? emails.slice(-1) : emails) {
          if ((email.keywords[keyword] === true) !== isSet) {
            patches.set(email.id, { [`keywords/${keyword}`]: isSet ? true : null });
          }
        }
      }
      run(patches);
    };

    return {
      archive: (items: readonly ListItem[]) => moveTo(items, withRole("archive"), t.done.archive(items.length)),
      trash: (items: readonly ListItem[]) => moveTo(items, withRole("trash"), t.done.trash(items.length)),
      junk: (items: readonly ListItem[]) => moveTo(items, withRole("junk"), t.done.junk(items.length)),
      notJunk: (items: readonly ListItem[]) => moveTo(items, withRole("inbox"), t.done.notJunk(items.length)),
      move: (items: readonly ListItem[], target: Mailbox) =>
        moveTo(items, target, t.done.move(items.length, nameOf(target))),
      markRead: (items: readonly ListItem[]) => mark(items, "$seen", true),
      markUnread: (items: readonly ListItem[]) => mark(items, "$seen", false, true),
      flag: (items: readonly ListItem[], isSet: boolean) => mark(items, "$flagged", isSet, isSet),
      destroy: (items: readonly ListItem[]) => {
        const ids = emailsOf(items).map((email) => email.id);
        return destroyEmails(cache, ids).then(() => toast(t.done.destroyed(items.length)), explain);
      },
      isUnread: (item: ListItem) => affectedEmails(cache, view, item).some((email) => !email.keywords.$seen),
      isFlagged: (item: ListItem) => affectedEmails(cache, view, item).some((email) => email.keywords.$flagged),
    };
  }, [t, ui, cache, errorText, nameOf, view]);
}

/** The messages that an action on a row reaches: those of the conversation in the mailbox, or those shown by a search everywhere. */
export function affectedEmails(cache: AccountCache, view: MailView, item: ListItem): readonly EmailSummary[] {
  const { mailboxId, collapse } = scopeOf(view);
  const emails = cache.thread(item.threadId)?.emails ?? [];
  if (!collapse) return emails.filter((email) => email.id === item.emailId);
  if (mailboxId === null) return shownEmails(emails, undefined, view.mailboxes);
  const here = emails.filter((email) => email.mailboxIds[mailboxId]);
  // Opened by its address, a conversation may have nothing here.
  return here.length > 0 ? here : shownEmails(emails, undefined, view.mailboxes);
}

/** @param from the mailbox they leave; null for all of them */
function movePatches(emails: readonly EmailSummary[], from: Id | null, to: Id): EmailPatches {
  const patches = new Map<Id, PatchObject>();
  for (const email of emails) {
    const left = from !== null && email.mailboxIds[from] ? [from] : Object.keys(email.mailboxIds);
    if (left.length === 1 && left[0] === to) continue;
    const leaving = left.filter((id) => id !== to).map((id): [string, null] => [`mailboxIds/${id}`, null]);
    patches.set(email.id, { ...Object.fromEntries(leaving), [`mailboxIds/${to}`]: true });
  }
  return patches;
}
