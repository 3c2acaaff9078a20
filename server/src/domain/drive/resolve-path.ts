import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { findChild } from "./find-child.ts";
import type { DriveAccess } from "./model.ts";
import { notFound, type Reached, reachFolder } from "./reach-node.ts";

/**
 * Walks names from a folder, for protocols that speak in paths. The names are as they are stored, already percent-decoded;
 * no name is `..`, so no path leaves the folder.
 * @throws DomainError `not_found`
 */
export async function resolvePath(
  reader: Reader,
  access: DriveAccess,
  fromFolderId: string,
  names: readonly string[],
): Promise<Reached> {
  const start = await reachFolder(reader, access, fromFolderId);
  let node: NodeRow = start.node;
  const chain = [...start.chain];
  for (const name of names) {
    const child = node.kind === "folder" && !name.includes("\0") ? await findChild(reader, node, name) : undefined;
    if (!child) throw notFound();
    node = child;
    chain.push(child);
  }
  return { node, chain, depth: start.depth + names.length };
}
