import type { DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import { moveNode } from "./move-node.ts";

/** Gives a node another name in its folder. @throws DomainError those of `moveNode` */
export async function renameNode(
  deps: DriveDeps,
  access: DriveAccess,
  nodeId: string,
  name: string,
): Promise<DriveNode> {
  return moveNode(deps, access, nodeId, { name, onConflict: "fail" });
}
