import "./viewer.css";
import type { DriveNode, NodeDetails } from "@bouquet/contract/drive.ts";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ArrowLeft, ChevronLeft, ChevronRight, Download, Link2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { ApiError } from "../../api/http.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { formatBytes } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { useUiText } from "../../i18n/ui.ts";
import { useTitle } from "../../shell/title.ts";
import { Button, ButtonLink, IconButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../../ui/feedback.tsx";
import { useDrive } from "../drive-context.ts";
import { useDriveErrorText } from "../drive-error-text.ts";
import { contentHref, folderQuery, nodeQuery } from "../drive-queries.ts";
import { useSort } from "../list/use-list-view.ts";
import { FileView } from "./file-view.tsx";

/** One file on the whole sheet. Left and right go to its neighbors, Escape back to the folder. */
export function ViewerPage({ id }: { id: string }) {
  const t = useDriveText();
  const ui = useUiText();
  const errorText = useDriveErrorText();
  const { data, error, refetch } = useQuery(nodeQuery(id));
  useTitle(data?.node.name ?? t.title);
  const isGone = error instanceof ApiError && error.status < 500;
  return (
    <div className="sheet viewer">
      {data && <Viewer details={data} />}
      {!data && !error && <SkeletonRows />}
      {!data && error && isGone && (
        <EmptyState
          drawing="hedge"
          level={2}
          title={t.missingFile}
          action={<ButtonLink href="/">{t.backToFiles}</ButtonLink>}
        >
          {t.missingText}
        </EmptyState>
      )}
      {!data && error && !isGone && (
        <div className="in-sheet">
          <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
            {errorText(error)}
          </Banner>
        </div>
      )}
    </div>
  );
}

function Viewer({ details: { node, permissions } }: { details: NodeDetails }) {
  const t = useDriveText();
  const language = useLanguage();
  const { open, go } = useDrive();
  const files = useSiblings(node);
  const at = files.findIndex((file) => file.id === node.id);
  const [before, after] = [files[at - 1], at < 0 ? undefined : files[at + 1]];
  const folder = node.parentId === null ? "/" : `/folder/${node.parentId}?node=${node.id}`;
  const head = useRef<HTMLHeadingElement>(null);

  useEffect(() => head.current?.focus(), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as Element;
      // A dialog, a menu or a player has these keys for itself.
      if (event.defaultPrevented || target.closest("[role=dialog],[role=alertdialog],[role=menu],input,video,audio"))
        return;
      if (event.key === "Escape") go(folder);
      else if (event.key === "ArrowLeft" && before) go(`/file/${before.id}`);
      else if (event.key === "ArrowRight" && after) go(`/file/${after.id}`);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [before, after, folder, go]);

  return (
    <>
      <div className="viewer-bar">
        <IconButton label={t.closeViewer} icon={ArrowLeft} onPress={() => go(folder)} />
        <div className="grow">
          <h1 className="clip" ref={head} tabIndex={-1}>
            {node.name}
          </h1>
          <p className="small muted clip">
            {formatBytes(language, node.size)}
            {files.length > 1 && at >= 0 && ` · ${t.position(at + 1, files.length)}`}
          </p>
        </div>
        {files.length > 1 && (
          <>
            <IconButton
              label={t.previous}
              icon={ChevronLeft}
              isDisabled={!before}
              onPress={() => before && go(`/file/${before.id}`)}
            />
            <IconButton
              label={t.next}
              icon={ChevronRight}
              isDisabled={!after}
              onPress={() => after && go(`/file/${after.id}`)}
            />
          </>
        )}
        {permissions.canShare && (
          <Button className="short" icon={Link2} aria-label={t.share} onPress={() => open({ kind: "share", node })}>
            {t.shareShort}
          </Button>
        )}
        <ButtonLink
          className="short"
          variant="primary"
          icon={Download}
          href={contentHref(node.id, "attachment")}
          download
          aria-label={t.download}
        >
          {t.download}
        </ButtonLink>
      </div>
      <FileView node={node} />
    </>
  );
}

/** Files of the same folder in the order of its list, as far as it has been read. */
function useSiblings(node: DriveNode): readonly DriveNode[] {
  const [sort] = useSort();
  const { data } = useInfiniteQuery({ ...folderQuery(node.parentId ?? "", sort), enabled: node.parentId !== null });
  return data?.pages.flatMap((page) => page.nodes).filter((each) => each.kind === "file") ?? [];
}
