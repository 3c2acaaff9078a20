import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { grantAccount } from "../access/grant-account.ts";
import { DomainError } from "../errors.ts";
import { moveGrantsEpoch } from "../identity/move-grants-epoch.ts";
import { changeTree } from "./change-tree.ts";
import type { DriveDeps } from "./model.ts";
import type { Mount, OpenedDrive } from "./open-drive.ts";

/**
 * Leaves what somebody shares with the viewer: nothing of it changes for others. A share with the viewer alone ends; one with a
 * group of theirs is hidden from them, until it is shared with them again.
 * @throws DomainError `forbidden` for a team folder, `paused`
 */
export async function leaveMount(deps: Pick<DriveDeps, "store">, drive: OpenedDrive, mount: Mount): Promise<void> {
  if (mount.kind === "team_folder") throw new DomainError("forbidden", "A team folder cannot be left");
  const { organizationId } = drive.own;
  const { principalId } = drive.viewer;
  const { target } = mount;
  const shared = { organizationId: target.organization_id, accountId: target.account_id, nodeId: target.id };
  await changeTree(
    deps,
    drive.own,
    async (tx, modseq) => {
      await tx
        .updateTable("drive_mount")
        .set({ is_hidden: true })
        .where("organization_id", "=", organizationId)
        .where("principal_id", "=", principalId)
        .where("target_organization_id", "=", target.organization_id)
        .where("target_node_id", "=", target.id)
        .execute();
      await touchAncestors(tx, organizationId, modseq, [{ folderId: mount.parentId, bytes: 0, files: 0 }]);
    },
    async (tx) => {
      await grantAccount(tx, shared, { organizationId, principalId }, []);
      await moveGrantsEpoch(tx, organizationId, [principalId]);
    },
  );
}
