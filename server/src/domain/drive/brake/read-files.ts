import type { Reader } from "../../../store/database.ts";
import type { DriveAccess } from "../model.ts";

/** How many files there are in a space. Of a share, the space is what is shared. */
export async function readFiles(
  reader: Reader,
  access: Pick<DriveAccess, "organizationId" | "accountId" | "subtreeId">,
): Promise<number> {
  const query = reader
    .selectFrom("drive_node")
    .select("tree_files")
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId);
  const ofSpace =
    access.subtreeId === undefined
      ? query.where("parent_id", "is", null).where("state", "=", "live")
      : query.where("id", "=", access.subtreeId);
  return (await ofSpace.executeTakeFirst())?.tree_files ?? 0;
}
