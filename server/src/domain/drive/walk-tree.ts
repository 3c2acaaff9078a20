import type { Reader } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import { type FolderListing, listFolder } from "./list-folder.ts";
import type { DriveAccess, DriveNode } from "./model.ts";
import { readNode } from "./read-node.ts";

export interface WalkedNode {
  node: DriveNode;
  /** Names from the node that was asked for (included) to this one. */
  path: string[];
}

/**
 * A node and all that is beneath, folders before what they hold, one page in memory for each level. Names are
 * unique within a folder; the caller's own choice of nodes may not be: the second « rapport » is told apart by `topName`.
 * @throws DomainError `not_found`
 */
export async function* walkTree(
  reader: Reader,
  access: DriveAccess,
  nodeId: string,
  topName?: string,
): AsyncGenerator<WalkedNode> {
  const { node } = await readNode(reader, access, nodeId);
  yield* walk(reader, access, node, [topName ?? node.name]);
}

/** What is put in the trash during a walk is left out of it. */
export function ignoreGone(error: unknown): undefined {
  if (error instanceof DomainError && error.code === "not_found") return undefined;
  throw error;
}

async function* walk(reader: Reader, access: DriveAccess, node: DriveNode, path: string[]): AsyncGenerator<WalkedNode> {
  yield { node, path };
  if (node.kind !== "folder") return;
  let after: string | undefined;
  do {
    const page: FolderListing | undefined = await listFolder(reader, access, node.id, {
      limit: 500,
      ...(after !== undefined && { after }),
    }).catch(ignoreGone);
    for (const child of page?.nodes ?? []) yield* walk(reader, access, child, [...path, child.name]);
    after = page?.next ?? undefined;
  } while (after !== undefined);
}
