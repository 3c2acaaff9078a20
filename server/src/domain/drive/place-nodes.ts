import type { Reader } from "../../store/database.ts";
import { type PlacedNodeRow, readPlacedNodes } from "../../store/drive/read-placed-nodes.ts";
import type { Place } from "./drive-place.ts";
import type { OpenedDrive } from "./open-drive.ts";

/**
 * Where the viewer sees nodes of an organization, by one query for all: in their own drive, else in the mount with the most rights.
 * In the order of the ids; what the viewer does not see is left out.
 */
export async function placeNodes(
  reader: Reader,
  drive: OpenedDrive,
  organizationId: string,
  nodeIds: readonly string[],
): Promise<Place[]> {
  const rows = await readPlacedNodes(reader, organizationId, nodeIds);
  const places = new Map(rows.map((row) => [row.id, placeRow(drive, row)]));
  return nodeIds.flatMap((id) => places.get(id) ?? []);
}

function placeRow(drive: OpenedDrive, row: PlacedNodeRow): Place | undefined {
  const { path_ids, path_names, ...node } = row;
  if (node.account_id === drive.own.accountId && node.organization_id === drive.own.organizationId) {
    return { access: drive.own, node, isMountPoint: false, names: path_names.slice(1) };
  }
  const [mount] = drive.mounts
    .filter(({ target }) => target.organization_id === node.organization_id && path_ids.includes(target.id))
    .sort((a, b) => b.access.rights.size - a.access.rights.size);
  if (!mount) return undefined;
  const names = [...mount.names, ...path_names.slice(path_ids.indexOf(mount.target.id) + 1)];
  return { access: mount.access, node, mount, isMountPoint: mount.target.id === node.id, names };
}
