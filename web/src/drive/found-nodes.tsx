import type { DriveNode, FoundNodes, Permissions } from "@bouquet/contract/drive.ts";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { Link, type Selection } from "react-aria-components";
import { useDriveText } from "../i18n/drive.ts";
import { useUiText } from "../i18n/ui.ts";
import { SideSheet } from "../ui/dialog.tsx";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { DetailsPanel } from "./details-panel.tsx";
import { useDriveErrorText } from "./drive-error-text.ts";
import { useSpaces } from "./drive-queries.ts";
import { NodeList } from "./list/node-list.tsx";

interface Props {
  readonly title: string;
  readonly query: UseQueryResult<FoundNodes>;
  /** When nothing was found. */
  readonly empty: ReactNode;
}

/** Nodes of several folders and spaces, each with the folder it is in. */
export function FoundList({ title, query, empty }: Props) {
  const t = useDriveText();
  const ui = useUiText();
  const errorText = useDriveErrorText();
  const { spaces } = useSpaces();
  const [selection, setSelection] = useState<Selection>(new Set());
  const [inspected, setInspected] = useState<string | null>(null);
  const found = query.data?.nodes;
  const nodes = useMemo(() => found?.map(({ node }) => node) ?? [], [found]);
  const ofAll = useMemo(() => {
    const may = (right: keyof Permissions) =>
      nodes.every((node) => spaces.find((space) => space.accountId === node.accountId)?.permissions[right]);
    return {
      canWrite: may("canWrite"),
      canCreate: may("canCreate"),
      canDelete: may("canDelete"),
      canShare: may("canShare"),
    };
  }, [nodes, spaces]);
  const whereOf = useCallback(
    (node: DriveNode) => {
      const space = spaces.find((each) => each.accountId === node.accountId);
      const root = !space || space.isOwn ? t.mine : space.name;
      const name = found?.find((each) => each.node.id === node.id)?.path.at(-1) ?? root;
      return node.parentId === null ? (
        name
      ) : (
        <Link className="clip" href={`/folder/${node.parentId}`}>
          {name}
        </Link>
      );
    },
    [found, spaces, t],
  );
  return (
    <div className="sheet ds">
      <section className="ds-main">
        <div className="bc">
          <h1 className="clip">{title}</h1>
        </div>
        {query.isPending && <SkeletonRows count={8} />}
        {query.error && !found && (
          <div className="in-sheet">
            <Banner tone="danger" action={{ label: ui.retry, run: () => void query.refetch() }}>
              {errorText(query.error)}
            </Banner>
          </div>
        )}
        {found?.length === 0 && empty}
        {nodes.length > 0 && (
          <NodeList
            label={title}
            nodes={nodes}
            permissions={ofAll}
            view="list"
            selection={selection}
            onSelectionChange={setSelection}
            whereOf={whereOf}
            onDetails={(node) => setInspected(node.id)}
          />
        )}
      </section>
      {inspected !== null && (
        <SideSheet isOpen onClose={() => setInspected(null)} title={t.details}>
          <DetailsPanel id={inspected} />
        </SideSheet>
      )}
    </div>
  );
}
