import type { Reader } from "../../../store/database.ts";
import { lockFeed } from "../../../store/feed/lock-feed.ts";
import { requireRight } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import type { Viewer } from "../../identity/viewer.ts";
import type { Place } from "../drive-place.ts";
import type { DriveDeps } from "../model.ts";
import { requireNotPaused } from "../require-not-paused.ts";
import { touchNode } from "../touch-node.ts";
import { readTag } from "./manage-tags.ts";
import type { Tag } from "./tag-row.ts";

/** The tags of a node, by name. */
export async function listTagsOf(reader: Reader, place: Pick<Place, "node">): Promise<Tag[]> {
  return reader
    .selectFrom("node_tagging as g")
    .innerJoin("node_tag as t", (join) =>
      join.onRef("t.organization_id", "=", "g.organization_id").onRef("t.number", "=", "g.tag_number"),
    )
    .select(["t.number", "t.name"])
    .where("g.organization_id", "=", place.node.organization_id)
    .where("g.node_id", "=", place.node.id)
    .orderBy("t.name")
    .execute();
}

/**
 * Puts a tag of the organization on one of its nodes, or takes it off.
 * @throws DomainError `forbidden` without the right to write, or for a node of another organization; `not_found`, `paused`
 */
export async function setTagged(
  deps: Pick<DriveDeps, "store">,
  viewer: Viewer,
  place: Pick<Place, "node" | "access">,
  tagNumber: number,
  isTagged: boolean,
): Promise<void> {
  requireRight(place.access, "write");
  const { organization_id, id } = place.node;
  if (organization_id !== viewer.organizationId) {
    throw new DomainError("forbidden", "The files of another organization have its own tags");
  }
  await readTag(deps.store.read, viewer, tagNumber);
  await deps.store.transact(async (tx) => {
    await lockFeed(tx, place.access, "files");
    await requireNotPaused(tx, place.access);
    const key = { organization_id, node_id: id, tag_number: tagNumber };
    const changed = isTagged
      ? await tx
          .insertInto("node_tagging")
          .values(key)
          .onConflict((conflict) => conflict.doNothing())
          .returning("tag_number")
          .executeTakeFirst()
      : await tx
          .deleteFrom("node_tagging")
          .where("organization_id", "=", organization_id)
          .where("node_id", "=", id)
          .where("tag_number", "=", tagNumber)
          .returning("tag_number")
          .executeTakeFirst();
    // Clients read the tags again where the etag of the folder moved.
    if (changed) await touchNode(tx, place.access, id);
  });
}
