import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { isUuid } from "../../store/uuid.ts";
import { requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { changeTree } from "./change-tree.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import { notFound, reachNode } from "./reach-node.ts";

/** Characters of a label. */
const longestLabel = 200;

/**
 * Takes a version from the list. Its content stays recoverable for as long as that of what was overwritten.
 * @throws DomainError `forbidden`, `not_found`, `conflict` for the version that is the content
 */
export async function deleteVersion(
  deps: DriveDeps,
  access: DriveAccess,
  nodeId: string,
  versionId: string,
): Promise<void> {
  requireRight(access, "delete");
  await changeVersion(deps, access, nodeId, versionId, async (tx, node) => {
    if (node.version_id === versionId) throw new DomainError("conflict", "This version is what the file holds");
    await tx
      .updateTable("file_version")
      .set({ removed_at: new Date(), thinning_step: 0 })
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", versionId)
      .execute();
  });
}

/**
 * Gives a version a name, or takes it away when it is empty.
 * @throws DomainError `forbidden`, `not_found`, `invalid` when it is too long
 */
export async function labelVersion(
  deps: DriveDeps,
  access: DriveAccess,
  nodeId: string,
  versionId: string,
  label: string,
): Promise<void> {
  requireRight(access, "write");
  const text = label.trim();
  if (text.length > longestLabel) {
    throw new DomainError("invalid", `The name of a version has at most ${longestLabel} characters`);
  }
  await changeVersion(deps, access, nodeId, versionId, async (tx) => {
    await tx
      .updateTable("file_version")
      .set({ label: text === "" ? null : text, thinning_step: 0 })
      .where("organization_id", "=", access.organizationId)
      .where("id", "=", versionId)
      .execute();
  });
}

async function changeVersion(
  deps: DriveDeps,
  access: DriveAccess,
  nodeId: string,
  versionId: string,
  change: (tx: Transactor, node: NodeRow) => Promise<void>,
): Promise<void> {
  // A link shows what is, not what was.
  if (access.viewer === undefined || !isUuid(versionId)) throw notFound();
  await changeTree(deps, access, async (tx) => {
    const { node } = await reachNode(tx, access, nodeId);
    const found = await tx
      .selectFrom("file_version")
      .select("id")
      .where("organization_id", "=", access.organizationId)
      .where("node_id", "=", node.id)
      .where("id", "=", versionId)
      .forUpdate()
      .executeTakeFirst();
    if (!found) throw notFound();
    await change(tx, node);
  });
}
