import { sql } from "kysely";
import { DomainError } from "../errors.ts";
import { moveGrantsEpoch } from "../identity/move-grants-epoch.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { SharingDeps } from "./model.ts";
import { readShares, type Share } from "./share.ts";

/** Shares with groups of the viewer that they left, and may take up again. */
export async function listLeftShares(deps: SharingDeps, viewer: Viewer): Promise<Share[]> {
  return readShares(
    deps.store.read,
    sql`e.kind = 'group' AND EXISTS (SELECT FROM drive_mount m WHERE m.organization_id = ${viewer.organizationId}
        AND m.principal_id = ${viewer.principalId} AND m.is_hidden AND m.target_organization_id = g.organization_id
        AND m.target_node_id = g.collection_id)
      AND e.organization_id = ${viewer.organizationId} AND e.id IN (
        WITH RECURSIVE above (id) AS (
          SELECT group_id FROM group_member WHERE organization_id = ${viewer.organizationId} AND member_id = ${viewer.principalId}
          UNION
          SELECT m.group_id FROM group_member m JOIN above a ON m.organization_id = ${viewer.organizationId} AND m.member_id = a.id
        ) SELECT id FROM above)`,
  );
}

/** Shows again what the viewer left. @throws DomainError `not_found` */
export async function takeUpShare(deps: SharingDeps, viewer: Viewer, number: number): Promise<void> {
  const share = (await listLeftShares(deps, viewer)).find((each) => each.number === number);
  if (!share) throw new DomainError("not_found", "There is no such share");
  await deps.store.transact(async (tx) => {
    await tx
      .deleteFrom("drive_mount")
      .where("organization_id", "=", viewer.organizationId)
      .where("principal_id", "=", viewer.principalId)
      .where("target_organization_id", "=", share.node.organizationId)
      .where("target_node_id", "=", share.node.id)
      .where("is_hidden", "=", true)
      .execute();
    await moveGrantsEpoch(tx, viewer.organizationId, [viewer.principalId]);
  });
}
