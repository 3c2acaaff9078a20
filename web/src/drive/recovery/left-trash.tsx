import type { Space } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { useDriveRecoveryText } from "../../i18n/drive-recovery.ts";
import { useUiText } from "../../i18n/ui.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../../ui/feedback.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { TrashTable } from "../trash-table.tsx";
import { useNodeActions } from "../use-node-actions.ts";
import { leftTrashQuery } from "./recovery-queries.ts";

/** What was deleted for good and is still kept: it can be put back. */
export function LeftTrash({ space }: { space: Space }) {
  const t = useDriveRecoveryText();
  const ui = useUiText();
  const errorText = useDriveErrorText();
  const { restore } = useNodeActions();
  const { data, error, isPending, refetch } = useQuery(leftTrashQuery(space.accountId));
  if (isPending) return <SkeletonRows count={6} />;
  if (!data) {
    return (
      <div className="in-sheet">
        <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
          {errorText(error)}
        </Banner>
      </div>
    );
  }
  if (data.nodes.length === 0) {
    return (
      <EmptyState drawing="hedge" level={2} title={t.leftTrashEmpty}>
        {t.leftTrashEmptyText(data.recoveryDays)}
      </EmptyState>
    );
  }
  return (
    <>
      <p className="small muted in-sheet">{t.leftTrashText(data.recoveryDays)}</p>
      <TrashTable
        label={t.leftTrash}
        nodes={data.nodes}
        onRestore={({ node }) => void restore([node.id])}
        canRestore={space.permissions.canCreate}
      />
    </>
  );
}
