import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useErrorText } from "../../api/error-text.ts";
import { useSession } from "../../api/session.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useMailText } from "../../i18n/mail.ts";
import { useLanguage } from "../../i18n/text.ts";
import { useUiText } from "../../i18n/ui.ts";
import { useOnline } from "../../ui/online.ts";
import { toastProblem, toastWithUndo } from "../../ui/toast.tsx";
import { changeEmails } from "../actions/change-emails.ts";
import { cacheOf } from "../jmap/account-cache.ts";
import { useJmap } from "../jmap/accounts.ts";
import { call } from "../jmap/client.ts";
import { nameOf } from "../list/row-names.ts";
import type { EmailBody } from "../reading/body.ts";
import { Composer, type ComposerHandle } from "./composer.tsx";
import { type ComposeRequest, ComposerContext } from "./composer-context.ts";
import type { Draft } from "./draft.ts";
import { forgetLocal, readLocal } from "./local-drafts.ts";
import { startDraft } from "./start-draft.ts";

/** Holds the composer over whatever the screen shows; it stays while conversations are opened and closed. */
export function ComposerHost({ children }: { children: ReactNode }) {
  const t = useMailText();
  const queries = useQueryClient();
  const jmap = useJmap();
  const { person, timeZone } = useSession();
  const language = useLanguage();
  const errorText = useErrorText();
  const [draft, setDraft] = useState<Draft | null>(null);
  const handle = useRef<ComposerHandle>(null);
  const before = useRef<Element | null>(null);

  const put = useCallback(async (make: () => Promise<Draft>) => {
    if (!handle.current) before.current = document.activeElement;
    await handle.current?.leave();
    setDraft(await make());
  }, []);

  const open = useCallback(
    (request: ComposeRequest) => {
      const when = { language, timeZone };
      const names = (addresses: EmailBody["to"]) =>
        (addresses ?? []).map((each) => (each.name ? `${each.name} <${each.email}>` : each.email)).join(", ");
      const sentAt = (body: EmailBody) => (body.sentAt ? formatDateTime(body.sentAt, when) : "");
      const words = {
        wrote: (body: EmailBody) => t.wrote(sentAt(body), body.from?.[0] ? nameOf(body.from[0]) : ""),
        forwarded: (body: EmailBody) =>
          [
            t.forwardedMessage,
            t.headerLine(t.fromField, names(body.from)),
            t.headerLine(t.dateField, sentAt(body)),
            t.headerLine(t.subjectField, body.subject ?? ""),
            t.headerLine(t.toField, names(body.to)),
            body.cc?.length ? t.headerLine(t.ccField, names(body.cc)) : "",
          ].filter(Boolean),
      };
      put(() => startDraft(queries, jmap, request, words)).catch((error: unknown) => toastProblem(errorText(error)));
    },
    [put, queries, jmap, t, language, timeZone, errorText],
  );

  const discard = useDiscard(open);
  const close = useCallback(() => {
    setDraft(null);
    if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus();
  }, []);

  const putLeft = useCallback((left: Draft) => void put(async () => left), [put]);
  useLeftDraft(person.uid, draft === null, putLeft);

  return (
    <ComposerContext value={open}>
      {children}
      {draft && (
        <Composer
          key={draft.key}
          start={draft}
          handle={handle}
          onClose={close}
          onReopen={({ accountId, emailId }) => open({ kind: "draft", accountId, emailId })}
          onDiscard={discard}
        />
      )}
    </ComposerContext>
  );
}

/** A draft thrown away goes to the trash, and comes back on request. */
function useDiscard(open: (request: ComposeRequest) => void) {
  const t = useMailText();
  const ui = useUiText();
  const queries = useQueryClient();
  return (draft: Draft) => {
    const { saved } = draft;
    if (!saved) return;
    const cache = cacheOf(queries, saved.accountId);
    const role = (name: string) => cache.mailboxes().find((mailbox) => mailbox.role === name)?.id;
    const [drafts, trash] = [role("drafts"), role("trash")];
    if (!drafts || !trash) return;
    const patch = { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${trash}`]: true };
    const back = { [`mailboxIds/${trash}`]: null, [`mailboxIds/${drafts}`]: true };
    changeEmails(cache, new Map([[saved.emailId, patch]])).then(
      () =>
        toastWithUndo(t.discarded, ui.undo, () => {
          call("Email/set", { accountId: saved.accountId, update: { [saved.emailId]: back } }).then(
            () => open({ kind: "draft", ...saved }),
            () => toastProblem(t.actionFailed),
          );
        }),
      () => toastProblem(t.actionFailed),
    );
  };
}

/** Offers what could not be saved before the composer or the page was closed, once the server can be reached. */
function useLeftDraft(owner: string, isFree: boolean, open: (draft: Draft) => void): void {
  const t = useMailText();
  const online = useOnline();
  const offered = useRef<string | null>(null);
  useEffect(() => {
    if (!online || !isFree) return;
    const offer = async () => {
      const left = await readLocal(owner);
      if (!left || offered.current === left.key) return;
      offered.current = left.key;
      toastWithUndo(t.leftDraft, t.resumeDraft, () => {
        open({ ...left, key: crypto.randomUUID() });
        void forgetLocal(owner);
      });
    };
    // A composer that has just closed may still be saving what it had kept here.
    const timer = setTimeout(() => void offer(), 2000);
    return () => clearTimeout(timer);
  }, [owner, isFree, online, open, t]);
}
