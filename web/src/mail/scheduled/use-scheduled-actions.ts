import { useQueryClient } from "@tanstack/react-query";
import { useMailLaterText } from "../../i18n/mail-later.ts";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { useCompose } from "../composer/composer-context.ts";
import { sendDraft, takeBack } from "../composer/save-draft.ts";
import { startDraft } from "../composer/start-draft.ts";
import { cacheOf } from "../jmap/account-cache.ts";
import { mailboxesQuery, useJmap } from "../jmap/accounts.ts";
import { JmapError } from "../jmap/client.ts";
import { type ScheduledMessage, useRefreshScheduled } from "./scheduled-queries.ts";
import { useLaterWords } from "./use-later-words.ts";

/** What can be done with a message that waits for its time. Each puts it back with the drafts first. */
export function useScheduledActions() {
  const t = useMailLaterText();
  const queries = useQueryClient();
  const jmap = useJmap();
  const compose = useCompose();
  const words = useLaterWords();
  const refresh = useRefreshScheduled();

  /** @returns whether the message is a draft again */
  const unschedule = async ({ accountId, emailId, submissionId }: ScheduledMessage): Promise<boolean> => {
    try {
      await queries.ensureQueryData(mailboxesQuery(queries, accountId));
      const submission = { id: submissionId };
      await takeBack(cacheOf(queries, accountId), { accountId, emailId, submission, isHeld: true });
      return true;
    } catch (error) {
      toastProblem(error instanceof JmapError && error.type === "cannotUnsend" ? t.tooLate : t.failed);
      return false;
    } finally {
      await refresh();
    }
  };

  return {
    cancel: async (message: ScheduledMessage): Promise<void> => {
      if (await unschedule(message)) toast(t.canceled);
    },
    edit: async (message: ScheduledMessage): Promise<void> => {
      if (await unschedule(message)) {
        compose({ kind: "draft", accountId: message.accountId, emailId: message.emailId });
      }
    },
    /** Written again, so that its date is the new one. */
    move: async (message: ScheduledMessage, at: Date): Promise<void> => {
      if (!(await unschedule(message))) return;
      const { accountId, emailId } = message;
      try {
        const none = { wrote: () => "", forwarded: () => [] };
        const draft = await startDraft(queries, jmap, { kind: "draft", accountId, emailId }, none);
        const most = jmap.accounts.find(({ id }) => id === accountId)?.maxDelayedSend ?? 0;
        await sendDraft(cacheOf(queries, accountId), draft, most, at);
        toast(t.moved(words(at)));
      } catch {
        toastProblem(t.back);
      } finally {
        await refresh();
      }
    },
  };
}
