import type { Transactor } from "../../store/database.ts";
import { recordHistory } from "../../store/drive/record-history.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import type { DriveAccess } from "./model.ts";

export interface NodeToInsert {
  id?: string;
  parentId: string;
  name: string;
  kind: "folder" | "file";
  /** Bytes. */
  size: number;
  contentType: string;
  versionId?: string;
  modifiedAt?: Date | undefined;
  createdAt?: Date | undefined;
}

/** Under the feed's lock, once the name is known to be free: the row, its ancestors told, and the history. */
export async function insertNode(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  node: NodeToInsert,
): Promise<string> {
  const by = access.viewer?.principalId ?? null;
  const files = node.kind === "file" ? 1 : 0;
  const { id } = await tx
    .insertInto("drive_node")
    .values({
      organization_id: access.organizationId,
      ...(node.id !== undefined && { id: node.id }),
      account_id: access.accountId,
      parent_id: node.parentId,
      name: node.name,
      kind: node.kind,
      size: node.size,
      tree_bytes: node.size,
      tree_files: files,
      content_type: node.contentType,
      version_id: node.versionId ?? null,
      ...(node.modifiedAt && { modified_at: node.modifiedAt }),
      ...(node.createdAt && { created_at: node.createdAt }),
      modified_by: by,
      created_by: by,
      created_modseq: modseq,
      modseq,
      tree_modseq: modseq,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  recordHistory(tx, access, modseq, access, {
    ...{ action: "created", nodeId: id, kind: node.kind, files },
    after: { parentId: node.parentId, name: node.name, versionId: node.versionId ?? null },
  });
  await touchAncestors(tx, access.organizationId, modseq, [{ folderId: node.parentId, bytes: node.size, files }]);
  return id;
}
