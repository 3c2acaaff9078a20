import type { DriveAccess, DriveDeps, DriveNode } from "./model.ts";
import { moveNode } from "./move-node.ts";
import { reachNode, requireMovable } from "./reach-node.ts";

/** Gives a node another name in its folder. @throws DomainError those of `moveNode` */
export async function renameNode(
  deps: DriveDeps,
  access: DriveAccess,
  nodeId: string,
  name: string,
): Promise<DriveNode> {
  const { node } = await reachNode(deps.store.read, access, nodeId);
  const { parent_id: parentId } = requireMovable({ node }, access);
  return moveNode(deps, access, nodeId, access, { parentId, name, onConflict: "fail" });
}
