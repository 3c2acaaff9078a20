import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { readDriveTops } from "../../store/drive/read-drive.ts";
import { prepare } from "../../store/prepared.ts";
import { DomainError } from "../errors.ts";
import { numberedName } from "./node-name.ts";

type Folder = Pick<NodeRow, "organization_id" | "id">;

const selectChild = prepare<NodeRow>(
  "drive_child",
  `SELECT * FROM drive_node WHERE organization_id = $1::uuid AND parent_id = $2::uuid AND name = $3 AND state = 'live'`,
);

/** The live node of that name directly in a folder. */
export async function findChild(reader: Reader, folder: Folder, name: string): Promise<NodeRow | undefined> {
  const [row] = await selectChild.execute(reader, [folder.organization_id, folder.id, name.normalize("NFC")]);
  return row;
}

/**
 * The same for who wants to take the name: in a folder of a viewer's own drive it may be that of a mount.
 * @throws DomainError `already_exists` when it is
 */
export async function findTaker(reader: Reader, folder: Folder, name: string): Promise<NodeRow | undefined> {
  const [child, mounts] = await Promise.all([findChild(reader, folder, name), findMountNames(reader, folder, [name])]);
  if (!child && mounts.size > 0) throw nameTaken(name);
  return child;
}

const selectMounts = prepare<{ principal_id: string; target_node_id: string; name: string }>(
  "drive_mounts_named",
  `SELECT principal_id, target_node_id, name FROM drive_mount
  WHERE organization_id = $1::uuid AND parent_id = $2::uuid AND name = ANY($3::text[]) AND NOT is_hidden`,
);

/** Of these names, those of what is mounted in a folder. What is not shared any more keeps no name. */
async function findMountNames(reader: Reader, folder: Folder, names: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const rows = await selectMounts.execute(reader, [folder.organization_id, folder.id, names]);
  if (rows.length === 0) return found;
  const viewer = { organizationId: folder.organization_id, principalId: rows[0]!.principal_id };
  const tops = await readDriveTops(reader, viewer);
  for (const row of rows) {
    if (tops.some((top) => top.granted !== null && top.id === row.target_node_id && !top.is_blocked))
      found.add(row.name);
  }
  return found;
}

const selectNames = prepare<{ name: string }>(
  "drive_names",
  `SELECT name FROM drive_node WHERE organization_id = $1::uuid AND parent_id = $2::uuid AND name = ANY($3::text[]) AND state = 'live'`,
);

/** The name itself when it is free in the folder, else the first free « name (2) ». To be called under the feed's lock. */
export async function freeName(reader: Reader, folder: Folder, name: string, kind: "folder" | "file"): Promise<string> {
  let candidates = [name, ...Array.from({ length: 20 }, (_, index) => numberedName(name, index + 2, kind))];
  let next = 22;
  for (;;) {
    const [nodes, mounts] = await Promise.all([
      selectNames.execute(reader, [folder.organization_id, folder.id, candidates]),
      findMountNames(reader, folder, candidates),
    ]);
    const names = mounts.union(new Set(nodes.map((row) => row.name)));
    const free = candidates.find((candidate) => !names.has(candidate));
    if (free !== undefined) return free;
    candidates = Array.from({ length: 1_000 }, (_, index) => numberedName(name, next + index, kind));
    next += candidates.length;
  }
}

export function nameTaken(name: string): DomainError {
  return new DomainError("already_exists", "There is already something of that name here", {
    data: { reason: "name_taken" },
    detail: name,
  });
}
