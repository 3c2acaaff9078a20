import type { ShareInfo } from "@bouquet/contract/sharing.ts";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { RouterProvider } from "react-aria-components";
import { SkeletonRows } from "../ui/feedback.tsx";
import { ShareFrame } from "./share-frame.tsx";
import { goTo, useSharePlace } from "./share-place.ts";
import { isClosed, shareInfoKey, useShareInfo } from "./share-queries.ts";
import { ShareTrouble } from "./share-trouble.tsx";
import { SharedFileCard } from "./shared-file-card.tsx";
import { SharedFolderCard } from "./shared-folder-card.tsx";
import { SharedRequestCard } from "./shared-request-card.tsx";
import { UnlockForm } from "./unlock-form.tsx";
import { useLinkWatch } from "./use-link-watch.ts";

/** What an outside person sees of a link: what is shared, its password, or why it leads nowhere. */
export function SharePage() {
  const { token, folderId } = useSharePlace();
  const { data: info, error, refetch, isFetching } = useShareInfo(token);
  const queries = useQueryClient();
  const readAgain = useCallback(() => queries.invalidateQueries({ queryKey: shareInfoKey(token) }), [queries, token]);
  const hear = useCallback(() => void queries.invalidateQueries({ queryKey: ["share", token] }), [queries, token]);
  useLinkWatch(token, info?.state === "open" && !error, hear);
  return (
    <RouterProvider navigate={goTo}>
      <ShareFrame info={isClosed(error) ? undefined : info}>
        {error ? (
          <ShareTrouble error={error} onRetry={() => void refetch()} isRetrying={isFetching} />
        ) : info ? (
          <Shared token={token} folderId={folderId} info={info} onClosed={readAgain} />
        ) : (
          <div className="card" aria-busy="true">
            <SkeletonRows count={4} />
          </div>
        )}
      </ShareFrame>
    </RouterProvider>
  );
}

interface SharedProps {
  readonly token: string;
  readonly folderId: string | undefined;
  readonly info: ShareInfo;
  /** The link asks for its password again, or has ended. */
  readonly onClosed: () => Promise<void>;
}

function Shared({ token, folderId, info, onClosed }: SharedProps) {
  if (info.state === "locked") return <UnlockForm token={token} info={info} onUnlocked={onClosed} />;
  if (!info.allows.canView) return <SharedRequestCard token={token} info={info} onClosed={onClosed} />;
  if (info.node.kind === "file") return <SharedFileCard token={token} info={info} onClosed={onClosed} />;
  return <SharedFolderCard token={token} info={info} folderId={folderId ?? info.node.id} onClosed={onClosed} />;
}
