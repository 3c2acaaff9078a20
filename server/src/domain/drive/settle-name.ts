import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { readChain } from "../../store/drive/read-chain.ts";
import { readHeight } from "../../store/drive/read-height.ts";
import { requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { findTaker, freeName, nameTaken } from "./find-child.ts";
import type { DriveAccess, OnConflict } from "./model.ts";
import { type Reached, requireDepth } from "./reach-node.ts";
import { putInTrash } from "./trash-node.ts";

/** A node on its way to a folder, under the lock of that folder's tree. */
export interface Arrival {
  access: DriveAccess;
  modseq: number;
  target: Reached;
  node: NodeRow;
  /** Wanted. */
  name: string;
}

/** @throws DomainError `conflict` (`into_itself`), `invalid` (`too_deep`) */
export async function requireFits(tx: Transactor, node: NodeRow, target: Reached): Promise<void> {
  if (target.chain.some((row) => row.id === node.id)) throw intoItself();
  const height = node.kind === "folder" ? await readHeight(tx, node.organization_id, node.id) : 1;
  requireDepth(target.depth + height);
}

/**
 * @returns the name to take there, perhaps once what had it is in the trash; undefined when it is the node itself that has it
 * @throws DomainError `already_exists`, `forbidden`, `conflict` (`into_itself`)
 */
export async function settleName(
  tx: Transactor,
  arrival: Arrival,
  onConflict: OnConflict = "fail",
): Promise<string | undefined> {
  const { target, node, name } = arrival;
  if (onConflict === "rename") {
    const isThere = node.parent_id === target.node.id && node.name === name;
    return isThere ? undefined : freeName(tx, target.node, name, node.kind);
  }
  const existing = await findTaker(tx, target.node, name);
  if (!existing) return name;
  if (existing.id === node.id) return undefined;
  if (onConflict === "fail") throw nameTaken(name);
  requireRight(arrival.access, "delete");
  if (existing.kind === "folder" && (await holds(tx, existing, node))) throw intoItself();
  await putInTrash(tx, arrival.access, arrival.modseq, existing as NodeRow & { parent_id: string });
  return name;
}

async function holds(tx: Transactor, folder: NodeRow, node: NodeRow): Promise<boolean> {
  return (await readChain(tx, node.organization_id, node.id)).some((row) => row.id === folder.id);
}

function intoItself(): DomainError {
  return new DomainError("conflict", "A folder cannot be put in itself, nor take the place of one that holds it", {
    data: { reason: "into_itself" },
  });
}
