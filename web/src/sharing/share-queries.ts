import type { SharedFolder, SharedNode, ShareInfo } from "@bouquet/contract/sharing.ts";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { ApiError, request } from "../api/http.ts";
import { hasPicture } from "../ui/previewed.ts";

export type OpenShare = Extract<ShareInfo, { state: "open" }>;
export type LockedShare = Extract<ShareInfo, { state: "locked" }>;

export const shareApi = (token: string) => `/s/${encodeURIComponent(token)}/api`;

export const shareInfoKey = (token: string) => ["share", token, "info"] as const;

/** Who shared what. The first answer counts as an opening of the link. */
export function useShareInfo(token: string) {
  const isCounted = useRef(false);
  return useQuery({
    queryKey: shareInfoKey(token),
    queryFn: async () => {
      const again = isCounted.current ? "?again=1" : "";
      const info = await request<ShareInfo>(`${shareApi(token)}/info${again}`, { mayBeSignedOut: true });
      if (info.state === "open") isCounted.current = true;
      return info;
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnReconnect: ({ state }) => state.status === "error",
    refetchOnWindowFocus: false,
  });
}

/** The link itself ended, after it may have been open here. */
export function isClosed(error: unknown): boolean {
  return error instanceof ApiError && (error.code === "gone" || error.code === "not_found");
}

/** A folder of the share, a page of rows at a time. */
export function useSharedFolder(token: string, folderId: string) {
  return useInfiniteQuery({
    queryKey: ["share", token, "folder", folderId],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const after = pageParam === "" ? "" : `?after=${encodeURIComponent(pageParam)}`;
      return request<SharedFolder>(`${shareApi(token)}/folders/${encodeURIComponent(folderId)}${after}`, {
        mayBeSignedOut: true,
        signal,
      });
    },
    getNextPageParam: ({ next }) => next,
  });
}

/** Throws `ApiError` `wrong_credentials`, `throttled` and what `useShareInfo` throws. */
export function unlockShare(token: string, password: string): Promise<void> {
  return request<void>(`${shareApi(token)}/unlock`, { method: "POST", body: { password }, mayBeSignedOut: true });
}

/** Address that downloads a file as it is, a folder as a ZIP. */
export function downloadPath(token: string, node: Pick<SharedNode, "id" | "kind">): string {
  const id = encodeURIComponent(node.id);
  return node.kind === "folder" ? `${shareApi(token)}/archive?ids=${id}` : `${shareApi(token)}/files/${id}/content`;
}

/** Address that answers HEAD as the download would, without preparing it. */
export function statePath(token: string, node: Pick<SharedNode, "id" | "kind">): string {
  return node.kind === "folder"
    ? `${shareApi(token)}/folders/${encodeURIComponent(node.id)}?limit=1`
    : downloadPath(token, node);
}

/** Address of a file's picture, if it can be drawn. @returns undefined for what has none */
export function picturePath(
  token: string,
  node: SharedNode,
  variant: "small" | "small_square" | "large",
): string | undefined {
  if (node.versionId === null || !hasPicture(node, variant === "small_square" ? "small" : "large")) return undefined;
  const query = new URLSearchParams({ variant, version: node.versionId });
  return `${shareApi(token)}/files/${encodeURIComponent(node.id)}/preview?${query}`;
}

/** What the server lets a browser show by itself; everything else comes as a download. */
const shown = /^(image\/(png|jpeg|gif|webp|avif|bmp)|(audio|video)\/[a-z0-9.+-]+|text\/plain)$/;

/**
 * Address at which the browser shows a file: a picture that is not to be taken is drawn again, and each look at what is counted would be
 * one of the downloads.
 * @returns undefined when it can only be downloaded
 */
export function viewPath(
  token: string,
  node: SharedNode,
  { allows, downloadsLeft }: Pick<OpenShare, "allows" | "downloadsLeft">,
): string | undefined {
  if (node.kind === "folder" || downloadsLeft !== null) return undefined;
  if (shown.test(node.contentType) && (allows.canDownload || !node.contentType.startsWith("image/"))) {
    return `${downloadPath(token, node)}?${new URLSearchParams({ disposition: "inline", version: node.versionId ?? "" })}`;
  }
  return allows.canDownload ? undefined : picturePath(token, node, "large");
}
