import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { OfflineError } from "../../api/http.ts";
import { useMailText } from "../../i18n/mail.ts";
import { useMailLaterText } from "../../i18n/mail-later.ts";
import { useUiText } from "../../i18n/ui.ts";
import { toast, toastProblem, toastWithUndo } from "../../ui/toast.tsx";
import { changeEmails } from "../actions/change-emails.ts";
import { cacheOf } from "../jmap/account-cache.ts";
import { mailboxesQuery, useJmap } from "../jmap/accounts.ts";
import { JmapError } from "../jmap/client.ts";
import { useRefreshScheduled } from "../scheduled/scheduled-queries.ts";
import { useLaterWords } from "../scheduled/use-later-words.ts";
import type { Draft } from "./draft.ts";
import { gatherBlobs, SendError, sendDraft, takeBack } from "./save-draft.ts";
import type { useAutosave } from "./use-autosave.ts";

interface Options {
  readonly draft: Draft;
  readonly save: ReturnType<typeof useAutosave>;
  readonly onSent: () => void;
  readonly onReopen: (saved: NonNullable<Draft["saved"]>) => void;
  readonly onSaved: (saved: NonNullable<Draft["saved"]>) => void;
}

/** Sends, says what went wrong beside the message, and lets it be taken back for a few seconds. */
export function useSending({ draft, save, onSent, onReopen, onSaved }: Options) {
  const t = useMailText();
  const ui = useUiText();
  const later = useMailLaterText();
  const words = useLaterWords();
  const refreshScheduled = useRefreshScheduled();
  const queries = useQueryClient();
  const jmap = useJmap();
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [recipientError, setRecipientError] = useState<string | null>(null);

  const explain = (error: unknown): string => {
    const cause = error instanceof SendError ? error.cause : error;
    if (cause instanceof OfflineError) return t.sendOffline;
    if (!(cause instanceof JmapError)) return t.sendFailed;
    const { detail } = cause;
    if ("invalidRecipients" in detail && detail.invalidRecipients)
      return t.badRecipients(detail.invalidRecipients.join(", "));
    const reasons: Partial<Record<JmapError["type"], string>> = {
      noRecipients: t.needRecipient,
      tooManyRecipients: t.tooManyRecipients,
      tooLarge: t.messageTooLarge,
      overQuota: t.noRoom,
      forbiddenFrom: t.forbiddenFrom,
      forbiddenMailFrom: t.forbiddenFrom,
      forbiddenToSend: t.forbiddenToSend,
      rateLimit: t.rateLimit,
      blobNotFound: t.fileGone,
    };
    return reasons[cause.type] ?? t.sendFailed;
  };

  const send = async (sendAt?: Date) => {
    if (isSending) return;
    setProblem(null);
    setRecipientError(null);
    if (draft.to.length + draft.cc.length + draft.bcc.length === 0) return setRecipientError(t.needRecipient);
    if (draft.attachments.some(({ blob, error }) => error && !blob)) return setProblem(t.fixAttachments);
    if (draft.attachments.some(({ blob }) => !blob)) return setProblem(t.waitForFiles);
    setSending(true);
    try {
      await save.settle();
      const current = save.current();
      const { accountId, original } = current;
      await queries.ensureQueryData(mailboxesQuery(queries, accountId));
      const cache = cacheOf(queries, accountId);
      const whole = await gatherBlobs(jmap, current);
      const account = jmap.accounts.find((each) => each.id === accountId);
      const sent = await sendDraft(cache, whole, account?.maxDelayedSend ?? 0, sendAt);
      save.markSaved();
      onSent();
      const mark = (isSet: boolean) => {
        if (!original) return;
        const patch = new Map([[original.emailId, { [`keywords/${original.keyword}`]: isSet ? true : null }]]);
        // The answer has left: that its original is not marked is no reason to say otherwise.
        changeEmails(cacheOf(queries, original.accountId), patch).catch(() => undefined);
      };
      mark(true);
      if (sendAt) void refreshScheduled();
      const done = sendAt ? later.scheduled(words(sendAt)) : t.sent;
      if (!sent.isHeld) return toast(done);
      toastWithUndo(done, ui.undo, () => {
        takeBack(cache, sent).then(
          () => {
            mark(false);
            if (sendAt) void refreshScheduled();
            onReopen({ accountId: sent.accountId, emailId: sent.emailId });
          },
          () => toastProblem(t.tooLate),
        );
      });
    } catch (error) {
      save.resume();
      if (error instanceof SendError) onSaved(error.saved);
      else void save.saveNow();
      setProblem(explain(error));
    } finally {
      setSending(false);
    }
  };
  return { send, isSending, problem, recipientError: draft.to.length > 0 ? null : recipientError };
}
