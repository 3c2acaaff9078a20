import type { Space, TrashedNode } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { ArchiveRestore, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useDriveText } from "../i18n/drive.ts";
import { useDriveRecoveryText } from "../i18n/drive-recovery.ts";
import { formatBytes } from "../i18n/format.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { SegmentedControl } from "../ui/segmented.tsx";
import { Select } from "../ui/select.tsx";
import { useDriveErrorText } from "./drive-error-text.ts";
import { trashQuery, useSpaces } from "./drive-queries.ts";
import { LeftTrash } from "./recovery/left-trash.tsx";
import { TrashTable } from "./trash-table.tsx";
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
  const recovery = useDriveRecoveryText();
  const ui = useUiText();
  const language = useLanguage();
  const errorText = useDriveErrorText();
  const { restore, removeForGood, emptyTrash } = useNodeActions();
  const { data, error, isPending, refetch } = useQuery(trashQuery(space.accountId));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<"trash" | "left">("trash");
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
        {shown === "trash" && nodes.length > 0 && canDelete && (
          <Button size="sm" variant="danger-text" icon={Trash2} onPress={() => setAsking("empty")}>
            {t.emptyTrash}
          </Button>
        )}
      </div>
      <div className="trash-tabs">
        <SegmentedControl
          label={t.view}
          value={shown}
          onChange={setShown}
          segments={[
            { id: "trash", label: recovery.inTrash, icon: Trash2 },
            { id: "left", label: recovery.leftTrash, icon: ArchiveRestore },
          ]}
        />
      </div>
      {shown === "left" ? <LeftTrash space={space} /> : inTrash()}
    </>
  );

  function inTrash() {
    return (
      <>
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
              label={t.trash}
              nodes={nodes}
              {...(canDelete && { choice: { chosen, onChoose: setChosen } })}
              onRestore={(one) => putBack([one])}
              canRestore={space.permissions.canCreate}
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
}
