import type { Reader } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { readChain } from "../../store/drive/read-chain.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import type { DriveAccess } from "./model.ts";

/** Levels of folders beneath a root: the climb of every request, and what synchronizing computers can hold. */
export const deepest = 128;

export interface Reached {
  node: NodeRow;
  /** From the root (or the top of what a link gives) to the node itself. */
  chain: NodeRow[];
  /** Of the whole tree, not cut by a link. */
  depth: number;
}

/**
 * The node, when every folder from it up to the root of the account is live and within the access.
 * @throws DomainError `not_found` otherwise: of another account, in the trash, outside of the link, or nowhere
 */
export async function reachNode(reader: Reader, access: DriveAccess, nodeId: string): Promise<Reached> {
  const whole = isUuid(nodeId) ? await readChain(reader, access.organizationId, nodeId) : [];
  const ok =
    access.rights.has("read") &&
    whole[0]?.parent_id === null &&
    whole.every((row) => row.account_id === access.accountId && row.state === "live");
  const top = access.subtreeId === undefined ? 0 : whole.findIndex((row) => row.id === access.subtreeId);
  const node = whole.at(-1);
  if (!ok || top < 0 || !node) throw notFound();
  return { node, chain: whole.slice(top), depth: whole.length - 1 };
}

/** @throws DomainError `not_found`; `conflict` (`not_a_folder`) for a file */
export async function reachFolder(reader: Reader, access: DriveAccess, nodeId: string): Promise<Reached> {
  const reached = await reachNode(reader, access, nodeId);
  if (reached.node.kind !== "folder") throw notAFolder();
  return reached;
}

/** Refuses the root of a space. @throws DomainError `forbidden` (`is_root`) */
export function requireNotRoot({ node }: Pick<Reached, "node">): NodeRow & { parent_id: string } {
  if (node.parent_id === null) {
    throw new DomainError("forbidden", "The root of a space stays where it is", { data: { reason: "is_root" } });
  }
  return node as NodeRow & { parent_id: string };
}

/**
 * Refuses the root of a space, and what was shared itself: its name and its place are its owner's.
 * @throws DomainError `forbidden` (`is_root`)
 */
export function requireMovable(
  reached: Pick<Reached, "node">,
  access: Pick<DriveAccess, "subtreeId">,
): NodeRow & { parent_id: string } {
  const node = requireNotRoot(reached);
  if (node.id === access.subtreeId) {
    throw new DomainError("forbidden", "What is shared stays where its owner put it", { data: { reason: "is_root" } });
  }
  return node;
}

/** @throws DomainError `invalid` (`too_deep`) when a tree of that height does not fit at that depth */
export function requireDepth(depth: number): void {
  if (depth > deepest) {
    throw new DomainError("invalid", `There are at most ${deepest} levels of folders`, {
      data: { reason: "too_deep" },
    });
  }
}

export function notFound(): DomainError {
  return new DomainError("not_found", "There is no such file or folder");
}

export function notAFolder(): DomainError {
  return new DomainError("conflict", "This is not a folder", { data: { reason: "not_a_folder" } });
}
