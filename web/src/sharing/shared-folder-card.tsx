import { Download } from "lucide-react";
import { useEffect, useRef } from "react";
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
import { Sender } from "./sender.tsx";
import { sharePath } from "./share-place.ts";
import type { OpenShare } from "./share-queries.ts";
import { downloadPath, useSharedFolder } from "./share-queries.ts";
import { SharedTable } from "./shared-table.tsx";
import { useTake } from "./use-take.ts";

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
  const top = info.node;
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

  const isMissing = error instanceof ApiError && error.code === "not_found";
  return (
    <section className="card">
      <div className="hd">
        <div className="grow">
          <Sender info={info} />
          <h1>{top.name}</h1>
          {top.childCount !== 0 && (
            <p className="muted">{t.folderFacts(top.childCount ?? 0, formatBytes(language, top.size))}</p>
          )}
        </div>
        {top.childCount !== 0 && (
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
      <div ref={place} tabIndex={-1}>
        {!isTop && here && (
          <div className="place">
            <Breadcrumb
              crumbs={here.path.map(({ id, name: label }) => ({ id, label }))}
              link={({ id, label }) => <Link href={sharePath(token, id === top.id ? undefined : id)}>{label}</Link>}
            />
            {rows.length > 0 && (
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
            {t.emptyFolderText}
          </EmptyState>
        )}
        {rows.length > 0 && <SharedTable token={token} label={t.content(name)} rows={rows} />}
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
