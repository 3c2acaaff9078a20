import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { Viewer } from "../../identity/viewer.ts";
import type { Place } from "../drive-place.ts";
import type { DriveDeps } from "../model.ts";

type On = Pick<Place, "node">;
type By = Pick<Viewer, "organizationId" | "principalId">;

/** Up to when a viewer has read the comments on a node; undefined when they never did. */
export async function readCommentMark(reader: Reader, viewer: By, { node }: On): Promise<Date | undefined> {
  const row = await reader
    .selectFrom("node_comment_read")
    .select("read_at")
    .where("organization_id", "=", node.organization_id)
    .where("node_id", "=", node.id)
    .where("reader_organization_id", "=", viewer.organizationId)
    .where("reader_id", "=", viewer.principalId)
    .executeTakeFirst();
  return row?.read_at;
}

/** The viewer has read the comments on a node up to then. What is not said yet nobody has read. */
export async function markCommentsRead(
  deps: Pick<DriveDeps, "store">,
  viewer: By,
  { node }: On,
  until: Date,
): Promise<void> {
  await deps.store.transact((tx) =>
    sql`INSERT INTO node_comment_read (organization_id, node_id, reader_organization_id, reader_id, read_at)
      VALUES (${node.organization_id}, ${node.id}, ${viewer.organizationId}, ${viewer.principalId}, least(${until}, now()))
      ON CONFLICT (organization_id, node_id, reader_organization_id, reader_id) DO UPDATE SET read_at = excluded.read_at`.execute(
      tx,
    ),
  );
}
