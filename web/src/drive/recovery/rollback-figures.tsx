import "./recovery.css";
import type { Rollback, RollbackKind } from "@bouquet/contract/drive-recovery.ts";
import { rollbackKinds } from "@bouquet/contract/drive-recovery.ts";
import { ArchiveRestore, ChevronDown, CircleAlert, FolderInput, History, Trash2 } from "lucide-react";
import { useDriveRecoveryText } from "../../i18n/drive-recovery.ts";
import { Icon, type LucideIcon } from "../../ui/icon.tsx";

const icons: Record<RollbackKind, LucideIcon> = {
  restored: ArchiveRestore,
  moved: FolderInput,
  replaced: History,
  trashed: Trash2,
  left: CircleAlert,
};

/** What a roll-back changes: figures, each with its list to open. */
export function RollbackFigures({ rollback }: { rollback: Rollback }) {
  const t = useDriveRecoveryText();
  const kinds = rollbackKinds.filter((kind) => rollback.counts[kind].items > 0);
  if (kinds.length === 0) return <p>{t.nothing}</p>;
  return (
    <ul className="rollback">
      {kinds.map((kind) => (
        <li key={kind} data-kind={kind}>
          <Kind kind={kind} rollback={rollback} />
        </li>
      ))}
    </ul>
  );
}

function Kind({ kind, rollback }: { kind: RollbackKind; rollback: Rollback }) {
  const t = useDriveRecoveryText();
  const count = rollback.counts[kind];
  const items = rollback.items.filter((item) => item.kind === kind);
  const head = (
    <>
      <Icon of={icons[kind]} />
      <span className="grow">{t.kinds[kind]}</span>
      <span className="strong">{t.count(count.items, count.files)}</span>
    </>
  );
  if (items.length === 0) return <div className="row">{head}</div>;
  return (
    <details open={kind === "left"}>
      <summary className="row">
        {head}
        <Icon of={ChevronDown} size="sm" className="opens" />
      </summary>
      <ul className="small muted">
        {items.map((item) => (
          <li key={`${item.nodeId} ${item.kind}`}>{sentence(t, item)}</li>
        ))}
        {count.items > items.length && <li>{t.more(count.items - items.length)}</li>}
      </ul>
    </details>
  );
}

function sentence(t: ReturnType<typeof useDriveRecoveryText>, item: Rollback["items"][number]): string {
  const path = (names: readonly string[] | null) => (names ?? []).join(" / ");
  if (item.reason) return `${path(item.to)} : ${t.reasons[item.reason]}`;
  if (item.kind === "moved") return t.fromTo(path(item.from), path(item.to));
  const where = path(item.to ?? item.from);
  return item.nodeKind === "folder" && item.files > 0 ? `${where} (${t.files(item.files)})` : where;
}
