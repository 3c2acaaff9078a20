import type { Space, TrashedNode } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useSession } from "../api/session.ts";
import { useDriveText } from "../i18n/drive.ts";
import { formatBytes, formatDateTime, formatShortDate } from "../i18n/format.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { Checkbox } from "../ui/field.tsx";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { Select } from "../ui/select.tsx";
import { DataTable } from "../ui/table.tsx";
import { useDriveErrorText } from "./drive-error-text.ts";
import { trashQuery, useSpaces } from "./drive-queries.ts";
import { useNodeActions } from "./use-node-actions.ts";

/** What was deleted in one space, to put back or to delete for good. */
export function TrashPage() {
  const t = useDriveText();
  useTitle(t.trash);
  const { spaces, own } = useSpaces();
  const [accountId, setAccountId] = useState<string | null>(null);
  const space = spaces.find((each) => each.accountId === accountId) ?? own;
  return (
    <div className="sheet ds">
      <section className="ds-main">
        {space ? (
          <SpaceTrash key={space.accountId} space={space} onSpace={setAccountId} spaces={spaces} />
        ) : (
          <SkeletonRows />
        )}
      </section>
    </div>
  );
}

interface Props {
  readonly space: Space;
  readonly spaces: readonly Space[];
  readonly onSpace: (accountId: string) => void;
}

function SpaceTrash({ space, spaces, onSpace }: Props) {
  const t = useDriveText();
  const ui = useUiText();
  const language = useLanguage();
  const errorText = useDriveErrorText();
  const { restore, removeForGood, emptyTrash } = useNodeActions();
  const { data, error, isPending, refetch } = useQuery(trashQuery(space.accountId));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<"empty" | readonly TrashedNode[] | null>(null);
  const nodes = data?.nodes ?? [];
  const picked = nodes.filter(({ node }) => chosen.has(node.id));
  const canDelete = space.permissions.canDelete;
  const putBack = (some: readonly TrashedNode[]) => {
    setChosen(new Set());
    void restore(some.map(({ node }) => node.id));
  };
  const first = Array.isArray(asking) ? (asking as readonly TrashedNode[])[0] : undefined;
  const count = Array.isArray(asking) ? asking.length : 0;
  return (
    <>
      <div className="bc">
        <h1>{t.trash}</h1>
        <span className="grow" />
        {spaces.length > 1 && (
          <Select
            label={t.trashOf}
            hideLabel
            value={space.accountId}
            onChange={onSpace}
            choices={spaces.map((each) => ({ id: each.accountId, label: each.isOwn ? t.mine : each.name }))}
          />
        )}
        {nodes.length > 0 && canDelete && (
          <Button size="sm" variant="danger-text" icon={Trash2} onPress={() => setAsking("empty")}>
            {t.emptyTrash}
          </Button>
        )}
      </div>
      {isPending && <SkeletonRows count={6} />}
      {error && !data && (
        <div className="in-sheet">
          <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
            {errorText(error)}
          </Banner>
        </div>
      )}
      {data && nodes.length === 0 && (
        <EmptyState drawing="hedge" level={2} title={t.trashEmpty}>
          {t.trashEmptyText}
        </EmptyState>
      )}
      {data && nodes.length > 0 && (
        <>
          <p className="small muted in-sheet">{t.trashText(formatBytes(language, data.usage.trash))}</p>
          {canDelete && (
            <div className="row wrap-row in-sheet trash-acts">
              <Button size="sm" icon={RotateCcw} isDisabled={picked.length === 0} onPress={() => putBack(picked)}>
                {t.restore}
              </Button>
              <Button
                size="sm"
                icon={Trash2}
                variant="danger-text"
                isDisabled={picked.length === 0}
                onPress={() => setAsking(picked)}
              >
                {t.removeForGood}
              </Button>
              <span className="small muted">{picked.length > 0 && t.selected(picked.length)}</span>
            </div>
          )}
          <TrashTable
            nodes={nodes}
            chosen={chosen}
            onChoose={setChosen}
            onRestore={(one) => putBack([one])}
            canDelete={canDelete}
          />
        </>
      )}
      <Confirm
        isOpen={asking === "empty"}
        onClose={() => setAsking(null)}
        title={t.emptyTrashTitle}
        text={t.emptyTrashText(nodes.length, formatBytes(language, data?.usage.trash ?? 0))}
        confirm={t.emptyTrash}
        keep={t.keep}
        onConfirm={() => {
          setAsking(null);
          void emptyTrash(space.accountId);
        }}
      />
      <Confirm
        isOpen={first !== undefined}
        onClose={() => setAsking(null)}
        title={count === 1 && first ? t.removeForGoodTitle(first.node.name) : t.removeForGoodMany(count)}
        text={t.removeForGoodText}
        confirm={t.removeForGood}
        keep={t.keep}
        onConfirm={() => {
          const ids = Array.isArray(asking) ? (asking as readonly TrashedNode[]).map(({ node }) => node.id) : [];
          setAsking(null);
          setChosen(new Set());
          void removeForGood(ids);
        }}
      />
    </>
  );
}

interface TableProps {
  readonly nodes: readonly TrashedNode[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
  readonly onRestore: (node: TrashedNode) => void;
  readonly canDelete: boolean;
}

function TrashTable({ nodes, chosen, onChoose, onRestore, canDelete }: TableProps) {
  const t = useDriveText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    onChoose(next);
  };
  return (
    <DataTable
      label={t.trash}
      rows={nodes}
      keyOf={({ node }) => node.id}
      columns={[
        {
          id: "name",
          title: t.columnName,
          cell: ({ node }) => (
            <div className="nm trashed">
              {canDelete && (
                <Checkbox isSelected={chosen.has(node.id)} onChange={(on) => toggle(node.id, on)} hideLabel>
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
            canDelete && (
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
