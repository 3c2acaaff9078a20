import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { AccountAccess } from "../access/account-access.ts";
import type { Viewer } from "../identity/viewer.ts";
import { readQuota } from "../quota/charge-quota.ts";
import { listDriveAccounts } from "./drive-accounts.ts";
import type { DriveAccess } from "./model.ts";

/** Bytes. The trash is part of what is used. */
export interface Usage {
  used: number;
  limit: number;
  trash: number;
}

export interface Space {
  access: AccountAccess;
  rootId: string;
  usage: Usage;
}

/** The drives that a viewer may open, their own first. */
export async function listSpaces(reader: Reader, viewer: Viewer): Promise<Space[]> {
  const accounts = await listDriveAccounts(reader, viewer);
  const spaces: Space[] = [];
  for (const access of accounts) {
    const root = await reader
      .selectFrom("drive_node")
      .select("id")
      .where("organization_id", "=", access.organizationId)
      .where("account_id", "=", access.accountId)
      .where("parent_id", "is", null)
      .where("state", "=", "live")
      .executeTakeFirst();
    if (root) spaces.push({ access, rootId: root.id, usage: await readUsage(reader, access) });
  }
  return spaces;
}

/** @throws DomainError `not_found` */
export async function readUsage(reader: Reader, access: DriveAccess): Promise<Usage> {
  const quota = await readQuota(reader, access, "files");
  const trash = await reader
    .selectFrom("drive_node")
    .select(sql<number>`coalesce(sum(tree_bytes), 0)::bigint`.as("bytes"))
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("removed_at", "is not", null)
    .where("state", "=", "trashed")
    .executeTakeFirstOrThrow();
  return { ...quota, trash: trash.bytes };
}
