import type { Reader } from "../../store/database.ts";
import { readNodeViews } from "../../store/drive/node-view.ts";
import { type Crumb, type DriveAccess, type DriveNode, toCrumb, toDriveNode } from "./model.ts";
import { notFound, reachNode } from "./reach-node.ts";

/** @throws DomainError `not_found` */
export async function readNode(
  reader: Reader,
  access: DriveAccess,
  nodeId: string,
): Promise<{ node: DriveNode; path: Crumb[] }> {
  const { node, chain } = await reachNode(reader, access, nodeId);
  return { node: await viewNode(reader, access.organizationId, node.id), path: chain.map(toCrumb) };
}

/** For a node that was reached already. */
export async function viewNode(reader: Reader, organizationId: string, nodeId: string): Promise<DriveNode> {
  const [view] = await readNodeViews(reader, organizationId, [nodeId]);
  if (!view) throw notFound();
  return toDriveNode(view);
}
