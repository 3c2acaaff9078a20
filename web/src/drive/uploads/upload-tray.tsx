import { ChevronDown, ChevronUp, RotateCw, X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { OfflineError } from "../../api/http.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { formatBytes, formatPercent } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { announce } from "../../ui/announcer.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { FileGlyph } from "../../ui/file-glyph.tsx";
import { ProgressBar } from "../../ui/marks.tsx";
import { useDrive } from "../drive-context.ts";
import { useDriveErrorText } from "../drive-error-text.ts";
import { isOver, type Upload, type UploadQueue } from "./upload-queue.ts";

const shown = 100;

/** The files on their way, at the bottom right; stays over every page of the drive until it is closed. */
export function UploadTray({ queue }: { queue: UploadQueue }) {
  const t = useDriveText();
  const items = useSyncExternalStore(queue.subscribe, queue.read);
  const [isSmall, setSmall] = useState(false);
  const busy = items.some((item) => item.state === "waiting" || item.state === "sending");
  const title = useTrayTitle(items);
  useEffect(() => {
    if (items.length > 0 && !busy) announce(title);
  }, [items.length, busy, title]);
  useEffect(() => {
    if (!busy) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [busy]);
  if (items.length === 0) return null;
  // What asks for the person first, then what moves.
  const rank = { conflict: 0, failed: 1, sending: 2, waiting: 3, sent: 4, skipped: 5, canceled: 6 } as const;
  const sorted = items.toSorted((a, b) => rank[a.state] - rank[b.state]).slice(0, shown);
  const waitingConflicts = items.filter((item) => item.state === "conflict").length;
  return (
    <section className="tray" aria-label={t.tray}>
      <div className="tray-head">
        <h2 className="grow clip">{title}</h2>
        {busy && (
          <Button size="sm" variant="ghost" onPress={() => queue.cancelAll()}>
            {t.cancelAll}
          </Button>
        )}
        <IconButton
          size="sm"
          label={isSmall ? t.grow : t.shrink}
          icon={isSmall ? ChevronUp : ChevronDown}
          onPress={() => setSmall(!isSmall)}
        />
        {!busy && <IconButton size="sm" label={t.close} icon={X} onPress={() => queue.clear()} />}
      </div>
      {!isSmall && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
        <ul tabIndex={0} aria-label={t.tray}>
          {sorted.map((item) => (
            <TrayItem key={item.id} item={item} queue={queue} others={waitingConflicts - 1} />
          ))}
        </ul>
      )}
    </section>
  );
}

function useTrayTitle(items: readonly Upload[]): string {
  const t = useDriveText();
  const count = (...states: Upload["state"][]) => items.filter((item) => states.includes(item.state)).length;
  if (count("waiting", "sending") > 0) {
    return t.trayBusy(count("sent"), items.length - count("canceled", "skipped"));
  }
  if (count("conflict") > 0) return t.trayWaits;
  if (count("failed") > 0) return t.trayFailed(count("failed"));
  return t.trayDone(count("sent"));
}

function TrayItem({ item, queue, others }: { item: Upload; queue: UploadQueue; others: number }) {
  const t = useDriveText();
  const language = useLanguage();
  const errorText = useDriveErrorText();
  const { id, file, state } = item;
  const ratio = file.size > 0 ? item.loaded / file.size : null;
  const words = { waiting: t.waiting, sent: t.sent, skipped: t.skipped, canceled: t.canceled } as const;
  return (
    <li data-state={state}>
      <FileGlyph name={file.name} mediaType={file.type} />
      <div className="grow stack">
        <div className="row">
          <span className="grow clip">{file.name}</span>
          {state === "sending" ? (
            <span className="small muted">
              {t.progress(formatPercent(language, ratio ?? 0), formatBytes(language, item.speed))}
            </span>
          ) : (
            state in words && (
              <span className={state === "sent" ? "small sent" : "small muted"}>
                {words[state as keyof typeof words]}
              </span>
            )
          )}
          {!isOver(state) && state !== "conflict" && (
            <IconButton size="sm" label={t.cancelOf(file.name)} icon={X} onPress={() => queue.cancel(id)} />
          )}
          {state === "failed" && (
            <IconButton size="sm" label={t.retryOf(file.name)} icon={RotateCw} onPress={() => queue.retry(id)} />
          )}
        </div>
        {state === "sending" && <ProgressBar label={file.name} ratio={ratio} />}
        {state === "failed" && (
          <p className="small problem">{item.error instanceof OfflineError ? t.cut : errorText(item.error)}</p>
        )}
        {state === "conflict" && <Conflict item={item} queue={queue} others={others} />}
      </div>
    </li>
  );
}

function Conflict({ item, queue, others }: { item: Upload; queue: UploadQueue; others: number }) {
  const t = useDriveText();
  const { open } = useDrive();
  const [forAll, setForAll] = useState(false);
  const { id, file } = item;
  const replace = async () => {
    const weight = forAll ? await queue.weigh() : undefined;
    const run = () => queue.answer(id, "replace", forAll);
    if (weight?.isMuch) open({ kind: "much", act: "replace", weight, run });
    else run();
  };
  return (
    <div className="stack">
      <p className="small">{t.conflict}</p>
      {others > 0 && (
        <label className="check small">
          <input type="checkbox" checked={forAll} onChange={(event) => setForAll(event.target.checked)} />
          {t.forAll(others)}
        </label>
      )}
      <div className="row wrap-row">
        <Button size="sm" aria-label={t.replaceOf(file.name)} onPress={() => void replace()}>
          {t.replace}
        </Button>
        <Button size="sm" aria-label={t.keepBothOf(file.name)} onPress={() => queue.answer(id, "rename", forAll)}>
          {t.keepBoth}
        </Button>
        <Button
          size="sm"
          variant="ghost"
          aria-label={t.skipOf(file.name)}
          onPress={() => queue.answer(id, "skip", forAll)}
        >
          {t.skip}
        </Button>
      </div>
    </div>
  );
}
