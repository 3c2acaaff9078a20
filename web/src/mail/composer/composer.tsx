import "./composer.css";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { Check, ChevronDown, Expand, Minimize2, Minus, Paperclip, SendHorizontal, Trash2, Type, X } from "lucide-react";
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import { useSession } from "../../api/session.ts";
import { formatTime } from "../../i18n/format.ts";
import { useMailText } from "../../i18n/mail.ts";
import { useLanguage } from "../../i18n/text.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { Note } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { MenuButton, MenuChoice } from "../../ui/menu.tsx";
import { identitiesQuery, useJmap } from "../jmap/accounts.ts";
import { SendLaterMenu } from "../scheduled/send-later-menu.tsx";
import { type Draft, type DraftAttachment, isEmptyDraft } from "./draft.ts";
import { DraftAttachments, isUploading, useAttachments } from "./draft-attachments.tsx";
import { EditorText, FormatBar, LinkButton, useMailEditor } from "./editor.tsx";
import { QuotedText } from "./quoted-text.tsx";
import { RecipientField } from "./recipient-field.tsx";
import { listSenders } from "./senders.ts";
import { type SaveState, useAutosave } from "./use-autosave.ts";
import { useSending } from "./use-sending.ts";

/** What the host asks of an open composer. */
export interface ComposerHandle {
  /** Keeps what is written, to make place for another. */
  readonly leave: () => Promise<void>;
}

interface Props {
  readonly start: Draft;
  readonly handle: React.Ref<ComposerHandle>;
  readonly onClose: () => void;
  /** Opens a draft that was taken back. */
  readonly onReopen: (saved: NonNullable<Draft["saved"]>) => void;
  readonly onDiscard: (draft: Draft) => void;
}

type Size = "docked" | "minimized" | "maximized";

/** A message being written: docked at the bottom right, the whole screen on phones. */
export function Composer({ start, handle, onClose, onReopen, onDiscard }: Props) {
  const t = useMailText();
  const ui = useUiText();
  const titleId = useId();
  const [draft, setDraft] = useState(start);
  const [size, setSize] = useState<Size>("docked");
  const startsWithCopies = start.cc.length + start.bcc.length > 0;
  const [hasCopies, setCopies] = useState(startsWithCopies);
  const [hasFormat, setFormat] = useState(false);
  const [isDropping, setDropping] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const change = useCallback((patch: Partial<Draft>) => setDraft((before) => ({ ...before, ...patch })), []);
  const updateAttachments = useCallback(
    (update: (all: readonly DraftAttachment[]) => readonly DraftAttachment[]) =>
      setDraft((before) => ({ ...before, attachments: update(before.attachments) })),
    [],
  );
  const save = useAutosave(draft, change);
  const { add, remove, retry } = useAttachments(draft, updateAttachments);
  const sending = useSending({ draft, save, onSent: onClose, onReopen, onSaved: (saved) => change({ saved }) });
  const { accounts } = useJmap();
  const maxDelayedSend = accounts.find(({ id }) => id === draft.accountId)?.maxDelayedSend ?? 0;
  const startsInText = start.to.length > 0;
  const editor = useMailEditor({
    html: start.html,
    label: t.messageText,
    onChange: (html) => change({ html }),
    onFiles: add,
  });

  // Until the editor is there, keys are the composer's all the same; who is in a field by then stays in it.
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!box.current?.contains(document.activeElement)) box.current?.focus();
    if (startsInText && document.activeElement === box.current) editor?.view.focus();
  }, [editor, startsInText]);

  const close = useCallback(() => {
    onClose();
    // Ends after the composer has gone; a failure keeps it in this browser.
    void save.saveNow();
  }, [onClose, save]);
  useImperativeHandle(handle, () => ({ leave: () => save.saveNow() }), [save]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void sending.send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  };
  const onFiles = (list: FileList | null) => add([...(list ?? [])]);
  const title = draft.subject.trim() || t.newMessage;

  return (
    <section
      className={cx("comp", size !== "docked" && size, isDropping && "dropping")}
      ref={box}
      tabIndex={-1}
      role="dialog"
      aria-labelledby={titleId}
      onKeyDown={onKeyDown}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setDropping(true);
      }}
      onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node) || setDropping(false)}
      onDrop={(event) => {
        setDropping(false);
        if (!event.dataTransfer.files.length || event.defaultPrevented) return;
        event.preventDefault();
        onFiles(event.dataTransfer.files);
      }}
    >
      <header>
        <h2 className="clip grow" id={titleId}>
          {title}
        </h2>
        <SaveMark state={save.state} />
        <IconButton
          className="only-d"
          label={size === "minimized" ? t.restore : t.minimize}
          icon={Minus}
          onPress={() => setSize(size === "minimized" ? "docked" : "minimized")}
        />
        <IconButton
          className="only-d"
          label={size === "maximized" ? t.shrink : t.enlarge}
          icon={size === "maximized" ? Minimize2 : Expand}
          onPress={() => setSize(size === "maximized" ? "docked" : "maximized")}
        />
        <IconButton label={t.closeKeeps} icon={X} onPress={close} />
      </header>
      <div className="comp-fields" hidden={size === "minimized"}>
        <SenderLine draft={draft} onChange={change} />
        <div className="line">
          <span className="lab" aria-hidden="true">
            {t.toField}
          </span>
          <RecipientField
            label={t.toField}
            addresses={draft.to}
            onChange={(to) => change({ to })}
            autoFocus={!startsInText}
            error={sending.recipientError}
          />
          {!hasCopies && (
            <button type="button" className="lk small" onClick={() => setCopies(true)}>
              {t.copy}
            </button>
          )}
        </div>
        {hasCopies && (
          <>
            <div className="line">
              <span className="lab" aria-hidden="true">
                {t.ccField}
              </span>
              <RecipientField
                label={t.ccField}
                addresses={draft.cc}
                onChange={(cc) => change({ cc })}
                autoFocus={!startsWithCopies}
              />
            </div>
            <div className="line">
              <span className="lab" aria-hidden="true">
                {t.bccField}
              </span>
              <RecipientField label={t.bccField} addresses={draft.bcc} onChange={(bcc) => change({ bcc })} />
            </div>
          </>
        )}
        <div className="line">
          <label className="lab" htmlFor={`${titleId}-subject`}>
            {t.subjectField}
          </label>
          <input
            id={`${titleId}-subject`}
            className="subject"
            value={draft.subject}
            maxLength={900}
            autoComplete="off"
            onChange={(event) => change({ subject: event.target.value })}
          />
        </div>
      </div>
      <div className="ed" hidden={size === "minimized"}>
        <EditorText editor={editor} />
        {draft.quote !== "" && <QuotedText html={draft.quote} onRemove={() => change({ quote: "" })} />}
        <DraftAttachments attachments={draft.attachments} onRemove={remove} onRetry={retry} />
      </div>
      <footer hidden={size === "minimized"}>
        {sending.problem && (
          <Note tone="danger" isLive>
            {sending.problem}
          </Note>
        )}
        {save.state.kind === "failed" && !sending.problem && (
          <Note tone="warn" isLive>
            {t.saveFailed}
          </Note>
        )}
        {editor && hasFormat && <FormatBar editor={editor} />}
        <div className="row comp-tools">
          <Button
            variant="primary"
            icon={SendHorizontal}
            isPending={sending.isSending}
            isDisabled={isUploading(draft.attachments)}
            onPress={() => void sending.send()}
          >
            {t.send}
          </Button>
          {maxDelayedSend > 3600 && (
            <SendLaterMenu
              most={maxDelayedSend}
              isDisabled={sending.isSending || isUploading(draft.attachments)}
              onPick={(at) => void sending.send(at)}
            />
          )}
          <IconButton label={t.format} icon={Type} aria-expanded={hasFormat} onPress={() => setFormat(!hasFormat)} />
          <IconButton label={t.attach} icon={Paperclip} onPress={() => files.current?.click()} />
          {editor && <LinkButton editor={editor} />}
          <span className="grow" />
          <IconButton
            label={t.discard}
            icon={Trash2}
            className="danger-text"
            onPress={() => {
              save.markSaved();
              onClose();
              if (!isEmptyDraft(draft) || draft.saved) onDiscard(save.current());
            }}
          />
        </div>
        <input
          ref={files}
          type="file"
          multiple
          hidden
          aria-label={t.attach}
          onChange={(event) => {
            onFiles(event.target.files);
            event.target.value = "";
          }}
        />
      </footer>
      {isDropping && <div className="drop-here">{t.dropHere}</div>}
      <span className="vh" role="status">
        {sending.isSending ? ui.working : ""}
      </span>
    </section>
  );
}

function SaveMark({ state }: { state: SaveState }) {
  const t = useMailText();
  const language = useLanguage();
  const { timeZone } = useSession();
  if (state.kind !== "saved" && state.kind !== "local") return null;
  const time = formatTime(state.at, { language, timeZone });
  return (
    <span className="small muted row save-mark">
      <Icon of={Check} size="sm" />
      <span>{state.kind === "saved" ? t.savedAt(time) : t.keptHereAt(time)}</span>
    </span>
  );
}

/** From which address it is sent; nothing to choose when there is one. */
function SenderLine({ draft, onChange }: { draft: Draft; onChange: (patch: Partial<Draft>) => void }) {
  const t = useMailText();
  const { accounts } = useJmap();
  const queries = useQueryClient();
  const identities = useQueries({
    queries: accounts.map(({ id }) => identitiesQuery(id)),
    combine: (results) => results.map(({ data }) => data),
  });
  const senders = useMemo(
    () => listSenders(accounts, new Map(accounts.map(({ id }, at) => [id, identities[at] ?? []]))),
    [accounts, identities],
  );
  // Whoever opens the list finds it filled.
  useEffect(() => {
    for (const { id } of accounts) void queries.prefetchQuery(identitiesQuery(id));
  }, [accounts, queries]);
  if (senders.length < 2) return null;
  return (
    <div className="line">
      <span className="lab" aria-hidden="true">
        {t.fromField}
      </span>
      <MenuButton
        label={t.fromField}
        placement="bottom start"
        trigger={
          <Button size="sm" variant="soft" className="sender" aria-label={`${t.fromField} ${draft.from.email}`}>
            <span className="row">
              <span className="clip">{draft.from.email}</span>
              <Icon of={ChevronDown} size="sm" />
            </span>
          </Button>
        }
      >
        <MenuChoice
          title={t.fromField}
          choices={senders.map(({ accountId, identity }) => ({
            id: `${accountId}/${identity.id}`,
            label: identity.email,
          }))}
          value={`${draft.accountId}/${draft.identityId}`}
          onChange={(key) => {
            const chosen = senders.find(({ accountId, identity }) => `${accountId}/${identity.id}` === key);
            if (!chosen) return;
            const { accountId, identity } = chosen;
            const from = { name: identity.name || null, email: identity.email };
            onChange({ accountId, identityId: identity.id, from });
          }}
        />
      </MenuButton>
    </div>
  );
}
