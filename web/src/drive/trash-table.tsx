import type { TrashedNode } from "@bouquet/contract/drive.ts";
import { RotateCcw } from "lucide-react";
import { useSession } from "../api/session.ts";
import { useDriveText } from "../i18n/drive.ts";
import { formatBytes, formatDateTime, formatShortDate } from "../i18n/format.ts";
import { useLanguage } from "../i18n/text.ts";
import { IconButton } from "../ui/button.tsx";
import { Checkbox } from "../ui/field.tsx";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { DataTable } from "../ui/table.tsx";

interface Props {
  readonly label: string;
  readonly nodes: readonly TrashedNode[];
  /** Absent where one acts on single rows only. */
  readonly choice?: {
    readonly chosen: ReadonlySet<string>;
    readonly onChoose: (chosen: ReadonlySet<string>) => void;
  };
  readonly onRestore: (node: TrashedNode) => void;
  readonly canRestore: boolean;
}

/** What was removed from one space: what, from where, when and by whom. */
export function TrashTable({ label, nodes, choice, onRestore, canRestore }: Props) {
  const t = useDriveText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const toggle = (id: string, on: boolean) => {
    const next = new Set(choice?.chosen);
    if (on) next.add(id);
    else next.delete(id);
    choice?.onChoose(next);
  };
  return (
    <DataTable
      label={label}
      rows={nodes}
      keyOf={({ node }) => node.id}
      columns={[
        {
          id: "name",
          title: t.columnName,
          cell: ({ node }) => (
            <div className="nm trashed">
              {choice && (
                <Checkbox isSelected={choice.chosen.has(node.id)} onChange={(on) => toggle(node.id, on)} hideLabel>
                  {node.name}
                </Checkbox>
              )}
              <FileGlyph
                mediaType={node.contentType}
                name={node.name}
                kind={node.kind === "folder" ? "dir" : undefined}
              />
              <span className="grow clip">{node.name}</span>
            </div>
          ),
        },
        {
          id: "from",
          title: t.columnFrom,
          className: "mid wide",
          cell: ({ from }) => (
            <span className="small muted clip own-line">{from === "/" ? t.fromRoot : from.slice(1)}</span>
          ),
        },
        {
          id: "removed",
          title: t.columnRemoved,
          className: "mid wide",
          cell: ({ removedAt, removedBy }) => (
            <span className="small muted" title={formatDateTime(removedAt, { language, timeZone })}>
              {formatShortDate(removedAt, { language, timeZone })}
              {removedBy && <span className="own-line clip">{removedBy}</span>}
            </span>
          ),
        },
        {
          id: "size",
          title: t.columnSize,
          isNumber: true,
          className: "few wide",
          cell: ({ node }) => <span className="small muted">{formatBytes(language, node.size)}</span>,
        },
        {
          id: "actions",
          title: t.columnActions,
          hideTitle: true,
          isNumber: true,
          className: "acts-1",
          cell: (trashed) =>
            canRestore && (
              <IconButton
                size="sm"
                label={`${t.restore} ${trashed.node.name}`}
                icon={RotateCcw}
                onPress={() => onRestore(trashed)}
              />
            ),
        },
      ]}
    />
  );
}
