import type {
  FileVersions,
  FolderListing,
  FoundNodes,
  NodeDetails,
  SortKey,
  SpaceList,
  TrashListing,
} from "@bouquet/contract/drive.ts";
import { infiniteQueryOptions, queryOptions, useQuery } from "@tanstack/react-query";
import { request } from "../api/http.ts";

/* Keys begin with "files": the hints of that area make them stale. */

export interface Sort {
  readonly key: SortKey;
  readonly direction: "asc" | "desc";
}

export const spacesQuery = queryOptions({
  queryKey: ["files", "spaces"],
  queryFn: ({ signal }) => request<SpaceList>("/api/drive/spaces", { signal }),
});

/** Spaces, the person's own apart. */
export function useSpaces() {
  const { data, error, refetch } = useQuery(spacesQuery);
  const spaces = data?.spaces ?? [];
  return { spaces, own: spaces.find((space) => space.isOwn), error, refetch };
}

export function folderQuery(id: string, sort: Sort) {
  return infiniteQueryOptions({
    queryKey: ["files", "folder", id, sort.key, sort.direction],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ sort: sort.key, direction: sort.direction });
      if (pageParam !== null) query.set("after", pageParam);
      return request<FolderListing>(`/api/drive/folders/${id}?${query}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** Folders of a folder, for the choice of a destination: they come first in every listing. */
export function subfoldersQuery(id: string) {
  return queryOptions({
    queryKey: ["files", "subfolders", id],
    queryFn: ({ signal }) => request<FolderListing>(`/api/drive/folders/${id}?sort=name&limit=1000`, { signal }),
  });
}

export function nodeQuery(id: string) {
  return queryOptions({
    queryKey: ["files", "node", id],
    queryFn: ({ signal }) => request<NodeDetails>(`/api/drive/nodes/${id}`, { signal }),
  });
}

export function versionsQuery(id: string) {
  return queryOptions({
    queryKey: ["files", "versions", id],
    queryFn: ({ signal }) => request<FileVersions>(`/api/drive/files/${id}/versions`, { signal }),
  });
}

export const recentQuery = queryOptions({
  queryKey: ["files", "recent"],
  queryFn: ({ signal }) => request<FoundNodes>("/api/drive/recent", { signal }),
});

export function searchQuery(what: string) {
  return queryOptions({
    queryKey: ["files", "search", what],
    queryFn: ({ signal }) => request<FoundNodes>(`/api/drive/search?${new URLSearchParams({ q: what })}`, { signal }),
  });
}

export function trashQuery(accountId: string) {
  return queryOptions({
    queryKey: ["files", "trash", accountId],
    queryFn: ({ signal }) =>
      request<TrashListing>(`/api/drive/trash?${new URLSearchParams({ accountId })}`, { signal }),
  });
}

/** Address of a file's bytes; the server shows inline only what cannot be a page. */
export function contentHref(id: string, disposition: "inline" | "attachment", version?: string | null): string {
  const query = new URLSearchParams({ disposition });
  if (version) query.set("version", version);
  return `/api/drive/files/${id}/content?${query}`;
}

/** One file as it is, anything else as a ZIP. */
export function downloadHref(nodes: readonly { id: string; kind: "file" | "folder" }[]): string {
  const [first, ...others] = nodes;
  if (first?.kind === "file" && others.length === 0) return contentHref(first.id, "attachment");
  return `/api/drive/archive?ids=${nodes.map((node) => node.id).join(",")}`;
}

/* An address holds some 8000 characters: more nodes come as several archives. */
const mostInArchive = 200;

/** Downloads without leaving the page: the answer is an attachment. */
export function download(nodes: readonly { id: string; kind: "file" | "folder" }[]): void {
  for (let at = 0; at < nodes.length; at += mostInArchive) {
    const link = document.createElement("a");
    link.href = downloadHref(nodes.slice(at, at + mostInArchive));
    link.download = "";
    document.body.append(link);
    link.click();
    link.remove();
  }
}
