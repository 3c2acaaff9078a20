import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { OfflineError } from "../../api/http.ts";
import { useSession } from "../../api/session.ts";
import { useOnline } from "../../ui/online.ts";
import { cacheOf } from "../jmap/account-cache.ts";
import { mailboxesQuery, useJmap } from "../jmap/accounts.ts";
import { type Draft, isEmptyDraft } from "./draft.ts";
import { forgetLocal, keepLocally } from "./local-drafts.ts";
import { gatherBlobs, saveDraft } from "./save-draft.ts";

export type SaveState =
  | { readonly kind: "untouched" | "changed" }
  | { readonly kind: "saved" | "local"; readonly at: Date }
  | { readonly kind: "failed"; readonly error: unknown };

/** Milliseconds from the last change to the saving of it. */
const delay = 2500;
/** Milliseconds until what could not be saved is tried again. */
const retryDelay = 10_000;

/**
 * Keeps a draft as it is written: on the server a few seconds after the last change, in this browser while the server is out of
 * reach. One saving at a time; each replaces the one before.
 */
export function useAutosave(draft: Draft, change: (patch: Partial<Draft>) => void) {
  const queries = useQueryClient();
  const jmap = useJmap();
  const { person } = useSession();
  const online = useOnline();
  const [state, setState] = useState<SaveState>({ kind: "untouched" });
  const latest = useRef(draft);
  latest.current = draft;
  /** What the server has, by content. */
  const savedContent = useRef(contentOf(draft));
  const working = useRef<Promise<void>>(Promise.resolve());
  /** While it is being sent: what a timer saved then would stay behind as a draft. */
  const isStopped = useRef(false);

  const saveNow = useCallback((): Promise<void> => {
    const once = async () => {
      if (isStopped.current) return;
      const current = latest.current;
      const content = contentOf(current);
      if (content === savedContent.current || (isEmptyDraft(current) && !current.saved)) return;
      try {
        await queries.ensureQueryData(mailboxesQuery(queries, current.accountId));
        const whole = await gatherBlobs(jmap, current);
        const saved = await saveDraft(cacheOf(queries, current.accountId), whole);
        savedContent.current = content;
        latest.current = { ...latest.current, saved };
        change({ saved });
        void forgetLocal(person.uid);
        setState({ kind: contentOf(latest.current) === content ? "saved" : "changed", at: new Date() });
      } catch (error) {
        if (!(error instanceof OfflineError)) return setState({ kind: "failed", error });
        await keepLocally(person.uid, current).then(
          () => setState({ kind: "local", at: new Date() }),
          () => setState({ kind: "failed", error }),
        );
      }
    };
    working.current = working.current.then(once, once);
    return working.current;
  }, [queries, jmap, change, person.uid]);

  const content = contentOf(draft);
  useEffect(() => {
    if (content === savedContent.current) return;
    setState((before) => (before.kind === "untouched" ? { kind: "changed" } : before));
    const timer = setTimeout(() => void saveNow(), delay);
    return () => clearTimeout(timer);
  }, [content, saveNow]);

  useEffect(() => {
    if (online && state.kind === "local") void saveNow();
  }, [online, state.kind, saveNow]);
  useEffect(() => {
    if (state.kind !== "local" && state.kind !== "failed") return;
    const timer = setTimeout(() => void saveNow(), retryDelay);
    return () => clearTimeout(timer);
  }, [state, saveNow]);

  const isUnsaved = useCallback(() => contentOf(latest.current) !== savedContent.current, []);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (isUnsaved() && !isEmptyDraft(latest.current)) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isUnsaved]);

  return {
    state,
    saveNow,
    isUnsaved,
    /** Lets what is being saved end, and nothing begin until `resume`: before sending. */
    settle: () => {
      isStopped.current = true;
      return working.current;
    },
    /** What could not be sent is saved as before. */
    resume: () => {
      isStopped.current = false;
    },
    current: () => latest.current,
    /** The content is elsewhere now: sent, or thrown away. */
    markSaved: () => {
      savedContent.current = contentOf(latest.current);
      void forgetLocal(person.uid);
    },
  };
}

/** Two drafts with the same content need not be saved twice. */
function contentOf({ accountId, identityId, to, cc, bcc, subject, html, quote, attachments }: Draft): string {
  const blobs = attachments.map(({ key, blob }) => [key, blob?.blobId]);
  return JSON.stringify([accountId, identityId, to, cc, bcc, subject, html, quote, blobs]);
}
