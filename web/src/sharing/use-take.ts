import type { SharedNode } from "@bouquet/contract/sharing.ts";
import { useQueryClient } from "@tanstack/react-query";
import { statePath } from "./share-queries.ts";

/**
 * To call when a download is asked for. The browser alone follows the download and tells little when the link has ended
 * meanwhile; this asks whether it is still there, and when not reads the page again, which says why.
 */
export function useTake(token: string): (node: Pick<SharedNode, "id" | "kind">) => void {
  const queries = useQueryClient();
  return (node) => {
    fetch(statePath(token, node), { method: "HEAD", credentials: "same-origin", cache: "no-store" }).then(
      ({ ok }) => {
        if (!ok) void queries.invalidateQueries({ queryKey: ["share", token] });
      },
      () => undefined,
    );
  };
}
