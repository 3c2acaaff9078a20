import type { Crumb, DriveNode, FolderListing } from "@bouquet/contract/drive.ts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { FolderPlus, History, LayoutGrid, List, Upload } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Link, type Selection } from "react-aria-components";
import { ApiError } from "../api/http.ts";
import { useDriveText } from "../i18n/drive.ts";
import { useDriveRecoveryText } from "../i18n/drive-recovery.ts";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { Breadcrumb } from "../ui/breadcrumb.tsx";
import { Button, ButtonLink, IconButton } from "../ui/button.tsx";
import { SideSheet } from "../ui/dialog.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { SegmentedControl } from "../ui/segmented.tsx";
import { useStored } from "../ui/use-stored.ts";
import { DetailsPanel } from "./details-panel.tsx";
import { useDrive, useOpenFolder } from "./drive-context.ts";
import { useDriveErrorText } from "./drive-error-text.ts";
import { folderQuery, useSpaces } from "./drive-queries.ts";
import { LoadMore } from "./list/load-more.tsx";
import { chosenOf, NodeList } from "./list/node-list.tsx";
import { useDropOnPlace } from "./list/use-drop-on-place.ts";
import { useFileDrop } from "./list/use-file-drop.ts";
import { type ListView, useMedia, useSort } from "./list/use-list-view.ts";

const nothing = { canWrite: false, canCreate: false, canDelete: false, canShare: false };

/** « Mes fichiers »: the root of the person's own space. */
export function OwnRootPage({ node }: { node?: string | undefined }) {
  const { own, error, refetch } = useSpaces();
  if (own) return <FolderPage key={own.rootId} id={own.rootId} node={node} />;
  return (
    <div className="sheet">{error ? <Trouble error={error} onRetry={() => void refetch()} /> : <SkeletonRows />}</div>
  );
}

function Trouble({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useDriveText();
  const ui = useUiText();
  const errorText = useDriveErrorText();
  if (error instanceof ApiError && error.status < 500 && error.code !== "throttled") {
    return (
      <EmptyState
        drawing="hedge"
        level={2}
        title={t.missing}
        action={<ButtonLink href="/">{t.backToFiles}</ButtonLink>}
      >
        {t.missingText}
      </EmptyState>
    );
  }
  return (
    <div className="in-sheet">
      <Banner tone="danger" action={{ label: ui.retry, run: onRetry }}>
        {errorText(error)}
      </Banner>
    </div>
  );
}

/** A folder: path, list or tiles, drop of files, details of what is chosen. `node` is shown chosen. */
export function FolderPage({ id, node }: { id: string; node?: string | undefined }) {
  const t = useDriveText();
  const [sort, setSort] = useSort();
  const [view, setView] = useStored<ListView>("drive.view", ["list", "grid"], "list");
  const [details, setDetails] = useStored("drive.details", ["shown", "hidden"], "shown");
  const [inspected, setInspected] = useState<string | null>(null);
  const [selection, setSelection] = useState<Selection>(() => new Set(node ? [node] : []));
  const isWide = useMedia("(min-width: 1181px)");
  const query = useInfiniteQuery(folderQuery(id, sort));
  const first = query.data?.pages[0];
  const nodes = useMemo(() => query.data?.pages.flatMap((page) => page.nodes) ?? [], [query.data]);
  const permissions = first?.permissions ?? nothing;
  const { openRoot, nameOf } = useNames(first);
  useTitle(first ? nameOf(first.path.at(-1)) : t.title);
  useOpenFolder(id, permissions.canCreate);
  useShown(node, nodes, query);
  const drop = useFileDrop(id, permissions.canCreate, (key) =>
    nodes.find((each) => each.id === key && each.kind === "folder"),
  );
  const chosen = chosenOf(nodes, selection);
  const only = chosen.length === 1 ? chosen[0]?.id : undefined;
  const show = (target: DriveNode) => {
    setSelection(new Set([target.id]));
    setDetails("shown");
    if (!isWide) setInspected(target.id);
  };

  return (
    <div className="sheet ds" data-details={isWide && only !== undefined && details === "shown" ? "" : undefined}>
      <section className="ds-main" {...drop.handlers} data-over={drop.over === null ? undefined : ""}>
        <FolderBar
          listing={first}
          crumbs={(first?.path ?? []).map((crumb) => ({ id: crumb.id, label: nameOf(crumb) }))}
          canCreate={permissions.canCreate}
          rootId={openRoot}
          view={view}
          onView={setView}
        />
        {first && !permissions.canWrite && !permissions.canCreate && (
          <p className="small muted in-sheet">{t.readOnly}</p>
        )}
        {query.isPending && <SkeletonRows count={8} />}
        {query.error && !first && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
        {first && nodes.length === 0 && <EmptyFolder id={id} canCreate={permissions.canCreate} />}
        {nodes.length > 0 && (
          <NodeList
            label={t.contents}
            nodes={nodes}
            permissions={permissions}
            view={view}
            selection={selection}
            onSelectionChange={setSelection}
            sort={sort}
            onSort={setSort}
            onDetails={show}
          >
            <LoadMore query={query} />
          </NodeList>
        )}
        {drop.over !== null && (
          <div className="drop-here" role="status">
            {drop.over === "" ? t.pullHere : t.pullInto(drop.over)}
          </div>
        )}
      </section>
      {isWide && only !== undefined && details === "shown" && (
        <DetailsPanel key={only} id={only} onClose={() => setDetails("hidden")} />
      )}
      {!isWide && inspected !== null && (
        <SideSheet isOpen onClose={() => setInspected(null)} title={t.details}>
          <DetailsPanel id={inspected} />
        </SideSheet>
      )}
    </div>
  );
}

/** Reads on until the node of the address is there, then brings it into sight. */
function useShown(
  node: string | undefined,
  nodes: readonly DriveNode[],
  query: { hasNextPage: boolean; isFetching: boolean; fetchNextPage: () => unknown },
): void {
  const isThere = nodes.some((each) => each.id === node);
  const { hasNextPage, isFetching, fetchNextPage } = query;
  useEffect(() => {
    if (node !== undefined && !isThere && hasNextPage && !isFetching) fetchNextPage();
  }, [node, isThere, hasNextPage, isFetching, fetchNextPage]);
  useEffect(() => {
    if (node === undefined || !isThere) return;
    document.querySelector(`[data-key="${CSS.escape(node)}"]`)?.scrollIntoView({ block: "center" });
  }, [node, isThere]);
}

/** Names of a path: the root of a space has none of its own. */
function useNames(listing: FolderListing | undefined) {
  const t = useDriveText();
  const { spaces } = useSpaces();
  const openRoot = listing?.path[0]?.id;
  const space = spaces.find((each) => each.rootId === openRoot);
  const nameOf = (crumb: Crumb | undefined): string =>
    crumb?.name || (space === undefined || space.isOwn ? t.mine : space.name);
  return { openRoot, nameOf };
}

interface BarProps {
  readonly listing: FolderListing | undefined;
  readonly crumbs: readonly { id: string; label: string }[];
  readonly canCreate: boolean;
  readonly rootId: string | undefined;
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
}

function FolderBar({ listing, crumbs, canCreate, view, onView }: BarProps) {
  const t = useDriveText();
  const recovery = useDriveRecoveryText();
  const { open, choose } = useDrive();
  const id = listing?.folder.id;
  const may = listing?.permissions;
  const mayGoBack = may?.canWrite && may.canCreate && may.canDelete;
  return (
    <div className="bc">
      <h1 className="vh">{crumbs.at(-1)?.label ?? t.title}</h1>
      <div className="grow">
        {crumbs.length > 0 && (
          <Breadcrumb crumbs={crumbs} link={(crumb) => <CrumbLink crumb={crumb} canCreate={canCreate} />} />
        )}
      </div>
      {canCreate && id !== undefined && (
        <>
          <Button
            className="t"
            size="sm"
            icon={FolderPlus}
            aria-label={t.newFolder}
            onPress={() => open({ kind: "new-folder", parentId: id })}
          >
            {t.folderShort}
          </Button>
          <Button className="t" size="sm" icon={Upload} aria-label={t.uploadFiles} onPress={() => choose(id, "files")}>
            {t.upload}
          </Button>
        </>
      )}
      {mayGoBack && id !== undefined && (
        <IconButton
          size="sm"
          label={recovery.goBack}
          icon={History}
          onPress={() => open({ kind: "go-back", folder: { id, name: crumbs.at(-1)?.label ?? t.title } })}
        />
      )}
      <SegmentedControl
        label={t.view}
        value={view}
        onChange={onView}
        segments={[
          { id: "list", label: t.list, icon: List },
          { id: "grid", label: t.grid, icon: LayoutGrid },
        ]}
      />
    </div>
  );
}

function CrumbLink({ crumb, canCreate }: { crumb: { id: string; label: string }; canCreate: boolean }) {
  const drop = useDropOnPlace({ id: crumb.id, name: crumb.label }, canCreate);
  return (
    <span {...drop}>
      <Link href={`/folder/${crumb.id}`}>{crumb.label}</Link>
    </span>
  );
}

function EmptyFolder({ id, canCreate }: { id: string; canCreate: boolean }) {
  const t = useDriveText();
  const { choose } = useDrive();
  return (
    <EmptyState
      drawing="folder"
      level={2}
      title={t.emptyFolder}
      action={
        canCreate && (
          <Button icon={Upload} onPress={() => choose(id, "files")}>
            {t.uploadFiles}
          </Button>
        )
      }
    >
      {canCreate ? t.emptyFolderText : t.emptyFolderReadOnly}
    </EmptyState>
  );
}
