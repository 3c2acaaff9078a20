import type { HeldMessage, HeldMessages, ModerationDecision } from "@bouquet/contract/moderation.ts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "../../api/http.ts";
import { useJmap } from "../jmap/accounts.ts";
import { uploadBlob } from "../jmap/client.ts";
import { parseBody } from "../reading/body.ts";

const heldKey = ["mail", "moderation"] as const;

/** Messages that wait for the person's decision; empty for those who moderate nothing. */
export function useHeld() {
  return useQuery({
    queryKey: heldKey,
    queryFn: ({ signal }) => request<HeldMessages>("/api/mail/moderation", { signal }),
    staleTime: 60_000,
  });
}

/** Answers for one message; it leaves the list at once. @throws ApiError `conflict` when somebody answered before */
export function useDecide() {
  const queries = useQueryClient();
  return async ({ id }: HeldMessage, body: ModerationDecision): Promise<void> => {
    try {
      await request<void>(`/api/mail/moderation/${id}`, { method: "POST", body });
    } finally {
      await queries.invalidateQueries({ queryKey: heldKey });
    }
  };
}

export function heldUrl(id: string): string {
  return `/api/mail/moderation/${id}/message`;
}

/** What a waiting message says: read by the same means as any other, from a copy that is gone the next day. */
export function useHeldBody(id: string, isEnabled: boolean) {
  const { session, own } = useJmap();
  return useQuery({
    queryKey: ["moderation-body", id],
    enabled: isEnabled,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const response = await fetch(heldUrl(id), { signal });
      if (!response.ok) throw new Error(String(response.status));
      const { blobId } = await uploadBlob(session, own.id, await response.blob(), { signal });
      return parseBody(own.id, blobId, signal);
    },
  });
}
