import type { Transactor } from "../../store/database.ts";
import { type AccountKey, takeModseq } from "../../store/feed/take-modseq.ts";
import { nodeTypes } from "./change-tree.ts";

/** Makes the root folder of an account's drive. An account has one: a second call fails on the index. */
export async function createDriveRoot(tx: Transactor, key: AccountKey): Promise<string> {
  const modseq = await takeModseq(tx, key, "files", nodeTypes);
  const { id } = await tx
    .insertInto("drive_node")
    .values({
      organization_id: key.organizationId,
      account_id: key.accountId,
      parent_id: null,
      name: "",
      kind: "folder",
      content_type: "",
      created_modseq: modseq,
      modseq,
      tree_modseq: modseq,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}
