import type { Transactor } from "../database.ts";

export interface MountPlace {
  organizationId: string;
  principalId: string;
  target: { organization_id: string; id: string };
  parentId: string;
  name: string;
}

/**
 * Puts a mount where its name is known to be free, under the lock of the viewer's tree. A row that still has that name is of
 * something that is not shared any more.
 */
export async function putMount(tx: Transactor, mount: MountPlace): Promise<void> {
  const place = { parent_id: mount.parentId, name: mount.name };
  await tx
    .deleteFrom("drive_mount")
    .where("organization_id", "=", mount.organizationId)
    .where("principal_id", "=", mount.principalId)
    .where("parent_id", "=", mount.parentId)
    .where("name", "=", mount.name)
    .where("is_hidden", "=", false)
    .where("target_node_id", "!=", mount.target.id)
    .execute();
  await tx
    .insertInto("drive_mount")
    .values({
      organization_id: mount.organizationId,
      principal_id: mount.principalId,
      target_organization_id: mount.target.organization_id,
      target_node_id: mount.target.id,
      ...place,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["organization_id", "principal_id", "target_organization_id", "target_node_id"])
        .doUpdateSet({ ...place, is_hidden: false }),
    )
    .execute();
}
