import { X } from "lucide-react";
import { useCallback, useEffect, useRef } from "react";
import { OfflineError } from "../../api/http.ts";
import { formatBytes } from "../../i18n/format.ts";
import { useMailText } from "../../i18n/mail.ts";
import { useLanguage } from "../../i18n/text.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { FileGlyph } from "../../ui/file-glyph.tsx";
import { ProgressBar } from "../../ui/marks.tsx";
import { useJmap } from "../jmap/accounts.ts";
import { JmapError, uploadBlob } from "../jmap/client.ts";
import type { Draft, DraftAttachment } from "./draft.ts";

type Update = (change: (attachments: readonly DraftAttachment[]) => readonly DraftAttachment[]) => void;

/** Sends files to the store of the draft's account, several at once, and follows how far they are. */
export function useAttachments(draft: Draft, update: Update) {
  const t = useMailText();
  const language = useLanguage();
  const jmap = useJmap();
  const running = useRef(new Map<string, AbortController>());
  const { accountId } = draft;

  const upload = useCallback(
    async (key: string, file: Blob) => {
      const stop = new AbortController();
      running.current.set(key, stop);
      const set = (patch: Partial<DraftAttachment>) =>
        update((all) => all.map((each) => (each.key === key ? { ...each, ...patch } : each)));
      set({ error: null, fraction: 0 });
      try {
        const { blobId } = await uploadBlob(jmap.session, accountId, file, {
          signal: stop.signal,
          onProgress: ({ fraction }) => set({ fraction }),
        });
        set({ blob: { accountId, blobId }, fraction: 1 });
      } catch (error) {
        if (stop.signal.aborted) return;
        const isTooLarge = error instanceof JmapError && error.type === "tooLarge";
        const isFull = error instanceof JmapError && error.type === "overQuota";
        set({
          canRetry: !isTooLarge,
          error: isTooLarge
            ? t.fileTooLarge
            : isFull
              ? t.noRoom
              : error instanceof OfflineError
                ? t.fileOffline
                : t.fileFailed,
        });
      } finally {
        running.current.delete(key);
      }
    },
    [jmap.session, accountId, update, t],
  );

  const { attachments } = draft;
  const add = useCallback(
    (files: readonly File[]): boolean => {
      if (files.length === 0) return false;
      const limit = jmap.accounts.find((account) => account.id === accountId)?.maxAttachments ?? 0;
      let total = attachments.reduce((sum, { size, error }) => sum + (error ? 0 : size), 0);
      const fresh = files.map((file): DraftAttachment => {
        const isTooMuch = total + file.size > limit;
        if (!isTooMuch) total += file.size;
        return {
          key: crypto.randomUUID(),
          name: file.name,
          type: file.type || "application/octet-stream",
          size: file.size,
          blob: null,
          file,
          fraction: 0,
          error: isTooMuch ? t.tooMuch(formatBytes(language, limit)) : null,
          canRetry: false,
          cid: null,
        };
      });
      update((all) => [...all, ...fresh]);
      for (const { key, file, error } of fresh) if (file && !error) void upload(key, file);
      return true;
    },
    [jmap.accounts, accountId, attachments, update, upload, t, language],
  );

  const remove = useCallback(
    (key: string) => {
      running.current.get(key)?.abort();
      update((all) => all.filter((each) => each.key !== key));
    },
    [update],
  );
  useEffect(() => {
    const { current } = running;
    return () => {
      for (const stop of current.values()) stop.abort();
    };
  }, []);
  return { add, remove, retry: (each: DraftAttachment) => each.file && void upload(each.key, each.file) };
}

export function isUploading(attachments: readonly DraftAttachment[]): boolean {
  return attachments.some(({ blob, error }) => !blob && !error);
}

interface Props {
  readonly attachments: readonly DraftAttachment[];
  readonly onRemove: (key: string) => void;
  readonly onRetry: (attachment: DraftAttachment) => void;
}

/** The files of a draft with their size, how far they are, and what went wrong. */
export function DraftAttachments({ attachments, onRemove, onRetry }: Props) {
  const t = useMailText();
  const ui = useUiText();
  const language = useLanguage();
  const shown = attachments.filter(({ cid }) => cid === null);
  if (shown.length === 0) return null;
  return (
    <ul className="draft-att" aria-label={t.attachments(shown.length)}>
      {shown.map((each) => (
        <li key={each.key}>
          <FileGlyph mediaType={each.type} name={each.name} />
          <span className="grow stack" style={{ gap: 2 }}>
            <span className="clip strong">{each.name}</span>
            {each.error ? (
              <span className="small err-text" role="alert">
                {each.error}
              </span>
            ) : (
              <span className="small muted">
                {each.blob
                  ? formatBytes(language, each.size)
                  : t.sentSoFar(formatBytes(language, each.size * each.fraction), formatBytes(language, each.size))}
              </span>
            )}
            {!each.blob && !each.error && <ProgressBar label={t.sendingFile(each.name)} ratio={each.fraction} />}
          </span>
          {each.error && each.canRetry && (
            <Button size="sm" onPress={() => onRetry(each)}>
              {ui.retry}
            </Button>
          )}
          <IconButton size="sm" label={ui.remove(each.name)} icon={X} onPress={() => onRemove(each.key)} />
        </li>
      ))}
    </ul>
  );
}
