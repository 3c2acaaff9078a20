import type { Reader } from "../../store/database.ts";
import { readNodeViews } from "../../store/drive/node-view.ts";
import { readLivePaths } from "../../store/drive/read-chain.ts";
import { type DriveAccess, type DriveNode, toDriveNode } from "./model.ts";
import { notFound } from "./reach-node.ts";

export interface TrashedNode {
  node: DriveNode;
  removedAt: Date;
  removedBy: string | null;
  /** Names from the root to the folder it would be restored to; empty for the root. */
  from: string[];
}

/** The last thousand that were put in the trash, newest first. @throws DomainError `not_found` for a link */
export async function listTrash(
  reader: Reader,
  access: DriveAccess,
  state: "trashed" | "deleted" = "trashed",
): Promise<TrashedNode[]> {
  if (access.subtreeId !== undefined || !access.rights.has("read")) throw notFound();
  const removed = await reader
    .selectFrom("drive_node")
    .leftJoin("principal", (join) =>
      join
        .onRef("principal.organization_id", "=", "drive_node.organization_id")
        .onRef("principal.id", "=", "drive_node.removed_by"),
    )
    .select(["drive_node.id", "removed_at", "removed_from", "principal.display_name as removed_by_name"])
    .where("drive_node.organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("removed_at", "is not", null)
    .where("drive_node.state", "=", state)
    .orderBy("removed_at", "desc")
    .limit(1_000)
    .execute();
  const folders = removed.flatMap((row) => row.removed_from ?? []);
  const [views, paths] = await Promise.all([
    readNodeViews(
      reader,
      access.organizationId,
      removed.map((row) => row.id),
    ),
    readLivePaths(reader, access.organizationId, folders),
  ]);
  const byId = new Map(views.map((view) => [view.id, view]));
  return removed.flatMap((row) => {
    const view = byId.get(row.id);
    if (!view) return [];
    return {
      node: toDriveNode(view),
      removedAt: row.removed_at!,
      removedBy: row.removed_by_name,
      from: paths.get(row.removed_from ?? "") ?? [],
    };
  });
}
