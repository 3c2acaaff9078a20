import { sql } from "kysely";
import { recordHistory } from "../../store/drive/record-history.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { requireRight } from "../access/account-access.ts";
import { chargeQuota } from "../quota/charge-quota.ts";
import { changeTree } from "./change-tree.ts";
import { findRemoved } from "./find-removed.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import { notFound } from "./reach-node.ts";

/**
 * Takes a node out of the trash for good, as far as its owner goes: it leaves the quota, and stays recoverable for the recovery
 * period, which begins now. What lies beneath a folder in the trash goes alone.
 * @throws DomainError `forbidden`, `not_found`
 */
export async function deleteFromTrash(deps: DriveDeps, access: DriveAccess, nodeId: string): Promise<void> {
  requireRight(access, "delete");
  await changeTree(deps, access, async (tx, modseq) => {
    const { node } = await findRemoved(tx, access, nodeId, ["trashed"]);
    const { tree_bytes: bytes, tree_files: files, parent_id: beneath } = node;
    await tx
      .updateTable("drive_node")
      .set({
        ...{ state: "deleted", removed_at: new Date(), modseq },
        ...(beneath !== null && {
          ...{ parent_id: null, removed_from: beneath, removed_by: access.viewer?.principalId ?? null },
        }),
      })
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", node.id)
      .execute();
    if (beneath !== null) {
      recordHistory(tx, access, modseq, access, {
        // Its files were counted as deleted when the folder was.
        ...{ action: "trashed", nodeId: node.id, kind: node.kind, files: 0 },
        before: { parentId: beneath, name: node.name, versionId: node.version_id },
      });
      await touchAncestors(tx, access.organizationId, modseq, [{ folderId: beneath, bytes: -bytes, files: -files }]);
    }
    await chargeQuota(tx, access, "files", -bytes);
  });
}

/** The same for all that is in the trash. @returns how many nodes left it. @throws DomainError `forbidden` */
export async function emptyTrash(deps: DriveDeps, access: DriveAccess): Promise<number> {
  requireRight(access, "delete");
  if (access.subtreeId !== undefined) throw notFound();
  return empty(deps, access);
}

/**
 * The same for what was put in the trash before a date, account by account.
 * @returns how many nodes left it
 */
export async function emptyOldTrash(deps: Pick<DriveDeps, "store">, before: Date): Promise<number> {
  const accounts = await sql<{ organizationId: string; accountId: string }>`
    SELECT DISTINCT organization_id AS "organizationId", account_id AS "accountId" FROM drive_node
    WHERE state = 'trashed' AND removed_at < ${before}`.execute(deps.store.read);
  let emptied = 0;
  for (const account of accounts.rows) emptied += await empty(deps, account, before);
  return emptied;
}

/** Nodes in one transaction: others write to the account in between. */
const slice = 2_000;

async function empty(
  deps: Pick<DriveDeps, "store">,
  account: Pick<DriveAccess, "organizationId" | "accountId" | "actor">,
  before?: Date,
): Promise<number> {
  let emptied = 0;
  for (let count = slice; count === slice; emptied += count) count = await emptySlice(deps, account, before);
  return emptied;
}

async function emptySlice(
  deps: Pick<DriveDeps, "store">,
  account: Pick<DriveAccess, "organizationId" | "accountId" | "actor">,
  before: Date | undefined,
): Promise<number> {
  return changeTree(deps, account, async (tx, modseq) => {
    const result = await sql<{ count: number; bytes: number }>`
      WITH emptied AS (
        UPDATE drive_node n SET state = 'deleted', removed_at = now(), modseq = ${modseq}
        FROM (
          SELECT id FROM drive_node
          WHERE organization_id = ${account.organizationId} AND account_id = ${account.accountId} AND state = 'trashed'
            AND removed_at < ${before ?? sql<Date>`'infinity'`} ORDER BY removed_at LIMIT ${slice}
        ) AS oldest
        WHERE n.organization_id = ${account.organizationId} AND n.id = oldest.id
        RETURNING n.tree_bytes
      ) SELECT count(*) AS count, coalesce(sum(tree_bytes), 0)::bigint AS bytes FROM emptied`.execute(tx);
    const { count, bytes } = result.rows[0]!;
    await chargeQuota(tx, account, "files", -bytes);
    return count;
  });
}
