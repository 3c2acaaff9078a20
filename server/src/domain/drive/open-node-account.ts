import type { Reader } from "../../store/database.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import type { Viewer } from "../identity/viewer.ts";
import { listDriveAccounts } from "./drive-accounts.ts";
import { notFound } from "./reach-node.ts";

/**
 * The access of a viewer to the account that holds a node, for protocols that are given the node's id alone. The node may be
 * in the trash: what is done with it decides.
 * @throws DomainError `not_found` when it is in no account that the viewer may read
 */
export async function openNodeAccount(reader: Reader, viewer: Viewer, nodeId: string): Promise<AccountAccess> {
  if (!isUuid(nodeId)) throw notFound();
  const accounts = await listDriveAccounts(reader, viewer);
  const organizations = [...new Set(accounts.map((each) => each.organizationId))];
  if (organizations.length === 0) throw notFound();
  const rows = await reader
    .selectFrom("drive_node")
    .select(["organization_id", "account_id"])
    .where("organization_id", "in", organizations)
    .where("id", "=", nodeId)
    .execute();
  const access = accounts.find((each) =>
    rows.some((row) => row.organization_id === each.organizationId && row.account_id === each.accountId),
  );
  if (!access) throw notFound();
  return access;
}
