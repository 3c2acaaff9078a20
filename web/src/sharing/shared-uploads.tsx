import { CircleCheck, Upload } from "lucide-react";
import { type DragEvent, useId, useRef, useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { ApiError } from "../api/http.ts";
import { formatBytes } from "../i18n/format.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { useLanguage } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { Note } from "../ui/feedback.tsx";
import { TextField } from "../ui/field.tsx";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProgressBar } from "../ui/marks.tsx";
import { isLinkClosed, sendSharedFile } from "./share-changes.ts";
import { useVisitorName } from "./visitor-name.ts";

interface Item {
  readonly id: number;
  readonly file: File;
  readonly state: "waiting" | "sending" | "sent" | "failed";
  readonly loaded: number;
  readonly problem?: string;
}

interface Props {
  readonly token: string;
  /** `top` for what is shared itself. */
  readonly folderId: string;
  /** Nothing is sent without a name. */
  readonly needsName: boolean;
  /** One file that takes the place of what is shared. */
  readonly isNewVersion?: boolean;
  readonly onSent: () => void;
  readonly onClosed: () => Promise<void>;
}

/** Where an outside person drops files, with their name; each is sent by itself and says how far it is. */
export function SharedUploads({ token, folderId, needsName, isNewVersion = false, onSent, onClosed }: Props) {
  const t = useSharingText();
  const language = useLanguage();
  const errorText = useErrorText();
  const [name, setName] = useVisitorName();
  const [nameProblem, setNameProblem] = useState<string | null>(null);
  const [items, setItems] = useState<readonly Item[]>([]);
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const nameInput = useRef<HTMLInputElement>(null);
  const hint = useId();
  const nextId = useRef(1);
  const queue = useRef<Promise<void>>(Promise.resolve());

  const update = (id: number, change: Partial<Item>) =>
    setItems((all) => all.map((item) => (item.id === id ? { ...item, ...change } : item)));

  const explain = (error: unknown): string => {
    if (error instanceof ApiError && error.code === "over_quota") return t.noRoom;
    if (error instanceof ApiError && error.body.field === "/visitor") return t.nameMissing;
    return errorText(error);
  };
  const send = async ({ id, file }: Item, visitor: string) => {
    update(id, { state: "sending", loaded: 0 });
    try {
      const onConflict = isNewVersion ? ("replace" as const) : undefined;
      await sendSharedFile({
        ...{ token, folderId, file, visitor },
        ...(onConflict && { onConflict }),
        onProgress: (loaded) => update(id, { loaded }),
      });
      update(id, { state: "sent", loaded: file.size });
      onSent();
    } catch (error) {
      if (isLinkClosed(error)) void onClosed();
      update(id, { state: "failed", problem: explain(error) });
    }
  };
  const add = (files: readonly File[]) => {
    if (files.length === 0) return;
    const visitor = name.trim();
    if (needsName && visitor === "") {
      setNameProblem(t.nameMissing);
      nameInput.current?.focus();
      return;
    }
    setNameProblem(null);
    const chosen = isNewVersion ? files.slice(0, 1) : files;
    const added = chosen.map((file): Item => ({ id: nextId.current++, file, state: "waiting", loaded: 0 }));
    setItems((all) => [...all, ...added]);
    // One after the other: whoever has a slow line sees some of it arrive.
    for (const item of added) queue.current = queue.current.then(() => send(item, visitor));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add([...event.dataTransfer.files]);
  };
  const sent = items.filter((item) => item.state === "sent").length;
  const isBusy = items.some((item) => item.state === "waiting" || item.state === "sending");

  return (
    <div className="send">
      {(needsName || name !== "") && (
        <TextField
          label={needsName ? t.yourName : t.yourNameOptional}
          hint={t.yourNameHint}
          value={name}
          onChange={(next) => {
            setName(next);
            setNameProblem(null);
          }}
          error={nameProblem}
          isRequired={needsName}
          maxLength={100}
          autoComplete="name"
          inputRef={nameInput}
        />
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the first */}
      <div
        className={cx("drop", isOver && "over")}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Icon of={Upload} />
        <p id={hint}>{isNewVersion ? t.dropVersion : t.dropHere}</p>
        <Button variant="primary" icon={Upload} aria-describedby={hint} onPress={() => input.current?.click()}>
          {isNewVersion ? t.chooseVersion : t.chooseFiles}
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          multiple={!isNewVersion}
          onChange={(event) => {
            add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </div>
      {items.length > 0 && (
        <ul className="sent" aria-label={t.sendings}>
          {items.map((item) => (
            <li key={item.id}>
              <FileGlyph name={item.file.name} mediaType={item.file.type} />
              <div className="grow">
                <span className="row">
                  <span className="clip strong grow">{item.file.name}</span>
                  <span className="small muted">{formatBytes(language, item.file.size)}</span>
                </span>
                {item.state === "sending" && (
                  <ProgressBar
                    label={t.sendingOf(item.file.name)}
                    ratio={item.file.size > 0 ? item.loaded / item.file.size : null}
                  />
                )}
                {item.state === "waiting" && <span className="small muted">{t.waiting}</span>}
                {item.state === "sent" && (
                  <span className="small ok-line">
                    <Icon of={CircleCheck} size="sm" /> {t.received}
                  </span>
                )}
                {item.state === "failed" && <span className="small err-line">{item.problem}</span>}
              </div>
              {item.state === "failed" && (
                <Button
                  size="sm"
                  aria-label={t.retryOf(item.file.name)}
                  onPress={() => {
                    queue.current = queue.current.then(() => send(item, name.trim()));
                  }}
                >
                  {t.retry}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {sent > 0 && !isBusy && (
        <Note tone="ok" isLive>
          {isNewVersion ? t.versionReceived : t.allReceived(sent)}
        </Note>
      )}
    </div>
  );
}
