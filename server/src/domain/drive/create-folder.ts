import { requireRight } from "../access/account-access.ts";
import { changeTree } from "./change-tree.ts";
import { findTaker, freeName, nameTaken } from "./find-child.ts";
import { insertNode } from "./insert-node.ts";
import { requireUnlocked } from "./locks/require-unlocked.ts";
import type { DriveAccess, DriveDeps, DriveNode, OnConflict } from "./model.ts";
import { checkName } from "./node-name.ts";
import { checkProperty, type NodeProperty, writeNodeProperties } from "./properties/node-properties.ts";
import { notAFolder, reachFolder, requireDepth } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";

export interface NewFolder {
  parentId: string;
  name: string;
  /** `replace` answers the folder that is there. */
  onConflict?: OnConflict;
  modifiedAt?: Date | undefined;
  createdAt?: Date | undefined;
  /** Of clients. */
  properties?: readonly NodeProperty[];
}

/** @throws DomainError `forbidden`, `not_found`, `invalid`, `already_exists`, `conflict` (`not_a_folder`), `paused`, `locked`, `too_large` (a property) */
export async function createFolder(deps: DriveDeps, access: DriveAccess, input: NewFolder): Promise<DriveNode> {
  requireRight(access, "create");
  const wanted = checkName(input.name);
  const { onConflict = "fail", modifiedAt, createdAt, properties = [] } = input;
  for (const property of properties) checkProperty(property);
  const id = await changeTree(deps, access, async (tx, modseq) => {
    const parent = await reachFolder(tx, access, input.parentId);
    requireDepth(parent.depth + 1);
    await requireUnlocked(tx, access, { nodes: [parent.node.id] });
    const existing = onConflict === "rename" ? undefined : await findTaker(tx, parent.node, wanted);
    if (existing && onConflict === "fail") throw nameTaken(wanted);
    if (existing && onConflict === "replace") {
      if (existing.kind !== "folder") throw notAFolder();
      return existing.id;
    }
    const name = onConflict === "rename" ? await freeName(tx, parent.node, wanted, "folder") : wanted;
    const made = await insertNode(tx, access, modseq, {
      ...{ parentId: parent.node.id, name, kind: "folder", size: 0, contentType: "", modifiedAt, createdAt },
    });
    if (properties.length > 0) {
      await writeNodeProperties(tx, { organizationId: access.organizationId, nodeId: made }, properties);
    }
    return made;
  });
  return viewNode(deps.store.read, access.organizationId, id);
}
