import type { LinkVisits, NodeShares, SharedOutside, SharedOverview, ShareeList } from "@bouquet/contract/drive.ts";
import { queryOptions } from "@tanstack/react-query";
import { request } from "../../api/http.ts";

export function nodeSharesQuery(id: string) {
  return queryOptions({
    queryKey: ["files", "shares", id],
    queryFn: ({ signal }) => request<NodeShares>(`/api/drive/nodes/${id}/shares`, { signal }),
  });
}

export const sharedQuery = queryOptions({
  queryKey: ["files", "shared"],
  queryFn: ({ signal }) => request<SharedOverview>("/api/drive/shared", { signal }),
});

export const organizationSharedQuery = queryOptions({
  queryKey: ["files", "organization-shared"],
  queryFn: ({ signal }) => request<SharedOutside>("/api/drive/organization/shared", { signal }),
});

export function visitsQuery(linkId: string) {
  return queryOptions({
    queryKey: ["files", "visits", linkId],
    queryFn: ({ signal }) => request<LinkVisits>(`/api/drive/links/${linkId}/visits`, { signal }),
  });
}

export function findSharees(text: string, signal: AbortSignal): Promise<ShareeList> {
  return request<ShareeList>(`/api/drive/sharees?${new URLSearchParams({ q: text })}`, { signal });
}
