import { useQueryClient } from "@tanstack/react-query";
import { Download, FolderPlus, LayoutGrid, List } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-aria-components";
import { useErrorText } from "../api/error-text.ts";
import { ApiError } from "../api/http.ts";
import { formatBytes } from "../i18n/format.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { Breadcrumb } from "../ui/breadcrumb.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Note, SkeletonRows } from "../ui/feedback.tsx";
import { hasPicture } from "../ui/previewed.ts";
import { SegmentedControl } from "../ui/segmented.tsx";
import { useStored } from "../ui/use-stored.ts";
import { allowsInWords } from "./allows-words.ts";
import { SharedNameDialog } from "./name-dialog.tsx";
import { Sender } from "./sender.tsx";
import { ShareNote } from "./share-note.tsx";
import { sharePath } from "./share-place.ts";
import type { OpenShare } from "./share-queries.ts";
import { downloadPath, useSharedFolder } from "./share-queries.ts";
import { SharedTable } from "./shared-table.tsx";
import { SharedTiles } from "./shared-tiles.tsx";
import { SharedUploads } from "./shared-uploads.tsx";
import { useTake } from "./use-take.ts";
import { useVisitorName } from "./visitor-name.ts";

interface Props {
  readonly token: string;
  readonly info: OpenShare;
  readonly folderId: string;
  /** The link asks for its password again, or has ended. */
  readonly onClosed: () => Promise<void>;
}

/** A shared folder: its head, the way to where one is, the rows of that place, and everything as a ZIP. */
export function SharedFolderCard({ token, info, folderId, onClosed }: Props) {
  const t = useSharingText();
  const ui = useUiText();
  const language = useLanguage();
  const errorText = useErrorText();
  const take = useTake(token);
  const { node: top, allows } = info;
  const queries = useQueryClient();
  const readAgain = () => void queries.invalidateQueries({ queryKey: ["share", token] });
  const [visitor] = useVisitorName();
  const [isNaming, setNaming] = useState(false);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage, isRefetching } = useSharedFolder(
    token,
    folderId,
  );
  const isTop = folderId === top.id;
  const here = data?.pages[0];
  const rows = data?.pages.flatMap(({ nodes }) => nodes) ?? [];
  const name = isTop ? top.name : (here?.folder.name ?? "");
  useTitle(name === "" ? top.name : name);

  const isClosed = error instanceof ApiError && (error.code === "unauthenticated" || error.code === "gone");
  useEffect(() => {
    if (isClosed) void onClosed();
  }, [isClosed, onClosed]);

  const place = useRef<HTMLDivElement>(null);
  const lastFolder = useRef(folderId);
  useEffect(() => {
    // The row that was followed is gone: the keyboard goes on from the new folder, not from the top of the page.
    if (lastFolder.current !== folderId) place.current?.focus();
    lastFolder.current = folderId;
  }, [folderId]);

  const pictures = rows.filter((node) => hasPicture(node, "small")).length;
  const [stored, setView] = useStored<"list" | "tiles" | "by_content">("share.view", ["list", "tiles"], "by_content");
  // A folder of pictures shows them until somebody chooses.
  const isGallery = pictures >= 3 && pictures * 2 > rows.length;
  const view = pictures === 0 ? "list" : stored === "by_content" ? (isGallery ? "tiles" : "list") : stored;
  const Rows = view === "tiles" ? SharedTiles : SharedTable;

  const isMissing = error instanceof ApiError && error.code === "not_found";
  return (
    <section className="card">
      <div className="hd">
        <div className="grow">
          <Sender info={info} />
          <h1>{top.name}</h1>
          {top.childCount !== 0 && (
            <p className="muted">
              {t.folderFacts(top.childCount ?? 0, formatBytes(language, top.size))} {allowsInWords(t, info)}
            </p>
          )}
        </div>
        {top.childCount !== 0 && allows.canDownload && (
          <ButtonLink
            variant="primary"
            size="lg"
            icon={Download}
            href={downloadPath(token, top)}
            download
            onPress={() => take(top)}
          >
            {t.downloadAll}
          </ButtonLink>
        )}
      </div>
      <ShareNote note={info.note} from={info.sharedBy} />
      <div ref={place} tabIndex={-1}>
        {here && (!isTop || pictures > 0) && (
          <div className="place">
            {!isTop && (
              <Breadcrumb
                crumbs={here.path.map(({ id, name: label }) => ({ id, label }))}
                link={({ id, label }) => <Link href={sharePath(token, id === top.id ? undefined : id)}>{label}</Link>}
              />
            )}
            <span className="row end grow">
              {!isTop && rows.length > 0 && allows.canDownload && (
                <ButtonLink
                  size="sm"
                  icon={Download}
                  href={downloadPath(token, here.folder)}
                  download
                  onPress={() => take(here.folder)}
                >
                  {t.downloadFolder}
                </ButtonLink>
              )}
              {pictures > 0 && (
                <SegmentedControl
                  label={t.view}
                  value={view}
                  onChange={setView}
                  segments={[
                    { id: "list", label: t.viewList, icon: List },
                    { id: "tiles", label: t.viewTiles, icon: LayoutGrid },
                  ]}
                />
              )}
            </span>
          </div>
        )}
        {error && !isClosed && (
          <div className="fault">
            <Note tone={isMissing ? "plain" : "warn"} isLive>
              <p>{isMissing ? t.folderGone : errorText(error)}</p>
            </Note>
            {isMissing ? (
              <ButtonLink href={sharePath(token)}>{t.backToTop}</ButtonLink>
            ) : (
              <Button isPending={isRefetching} onPress={() => void refetch()}>
                {ui.retry}
              </Button>
            )}
          </div>
        )}
        {!data && !error && <SkeletonRows count={Math.min(top.childCount ?? 4, 6)} />}
        {data && rows.length === 0 && (
          <EmptyState drawing="folder" level={2} title={t.emptyFolder}>
            {allows.canUpload ? t.emptyFolderUpload : t.emptyFolderText}
          </EmptyState>
        )}
        {rows.length > 0 && (
          <Rows
            token={token}
            label={t.content(name)}
            rows={rows}
            info={info}
            folderId={folderId}
            onChanged={readAgain}
          />
        )}
        {allows.canUpload && here && (
          <>
            <div className="add-folder">
              <Button size="sm" icon={FolderPlus} onPress={() => setNaming(true)}>
                {t.newFolder}
              </Button>
            </div>
            <SharedUploads
              key={folderId}
              token={token}
              folderId={folderId}
              needsName={false}
              onSent={readAgain}
              onClosed={onClosed}
            />
          </>
        )}
        {isNaming && (
          <SharedNameDialog
            token={token}
            visitor={visitor.trim()}
            folderId={folderId}
            onDone={readAgain}
            onClose={() => setNaming(false)}
          />
        )}
        {hasNextPage && (
          <div className="fault">
            <Button isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
              {t.more}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
