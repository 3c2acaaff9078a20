import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import type { PrincipalKey } from "../../identity/identity-deps.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { notify } from "../../notifications/notify.ts";
import type { Place } from "../drive-place.ts";
import type { DriveDeps } from "../model.ts";
import type { Comment } from "./comment.ts";
import { readComment } from "./list-comments.ts";

/** As Nextcloud. Characters. */
const longestText = 1_000;
const mostOfNode = 1_000;

/**
 * Whoever sees a file may say something of it; its owner is told.
 * @throws DomainError `invalid`, `too_large` for more than 1000 characters, `conflict` when there are too many
 */
export async function addComment(
  deps: Pick<DriveDeps, "store">,
  viewer: Viewer,
  place: Pick<Place, "node" | "names">,
  text: string,
): Promise<Comment> {
  const checked = checkText(text);
  const { node } = place;
  return deps.store.transact(async (tx) => {
    const { count } = await tx
      .selectFrom("node_comment")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("organization_id", "=", node.organization_id)
      .where("node_id", "=", node.id)
      .executeTakeFirstOrThrow();
    if (count >= mostOfNode) throw new DomainError("conflict", "There are too many comments on this file");
    const { number } = await tx
      .insertInto("node_comment")
      .values({
        organization_id: node.organization_id,
        node_id: node.id,
        author_organization_id: viewer.organizationId,
        author_id: viewer.principalId,
        text: checked,
      })
      .returning("number")
      .executeTakeFirstOrThrow();
    for (const person of await concerned(tx, viewer, place)) {
      await notify(tx, person, {
        topic: "comment",
        data: {
          fileId: node.file_id,
          name: node.name,
          byUid: viewer.uid,
          byName: viewer.displayName,
          text: checked,
        },
      });
    }
    return readComment(tx, place, number);
  });
}

/** The owner of the drive, where that is a person: nobody else is sure to see the file still. */
async function concerned(tx: Transactor, viewer: Viewer, { node }: Pick<Place, "node">): Promise<PrincipalKey[]> {
  const { rows } = await sql<{ organization_id: string; id: string }>`
    SELECT p.organization_id, p.id FROM account a
      JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id
      WHERE a.organization_id = ${node.organization_id} AND a.id = ${node.account_id} AND p.kind = 'person' AND p.state = 'active'
        AND (p.organization_id, p.id) <> (${viewer.organizationId}::uuid, ${viewer.principalId}::uuid)`.execute(tx);
  return rows.map((row) => ({ organizationId: row.organization_id, principalId: row.id }));
}

/** Only its author changes a comment. @throws DomainError `forbidden`, `invalid`, `too_large`, `not_found` */
export async function editComment(
  deps: Pick<DriveDeps, "store">,
  viewer: Viewer,
  place: Pick<Place, "node">,
  number: number,
  text: string,
): Promise<void> {
  const checked = checkText(text);
  await deps.store.transact(async (tx) => {
    requireAuthor(viewer, await readComment(tx, place, number));
    await tx
      .updateTable("node_comment")
      .set({ text: checked })
      .where("organization_id", "=", place.node.organization_id)
      .where("number", "=", number)
      .execute();
  });
}

/** Its author, or who manages the drive, takes it away. @throws DomainError `forbidden`, `not_found` */
export async function deleteComment(
  deps: Pick<DriveDeps, "store">,
  viewer: Viewer,
  place: Pick<Place, "node" | "access">,
  number: number,
): Promise<void> {
  await deps.store.transact(async (tx) => {
    const comment = await readComment(tx, place, number);
    if (!place.access.rights.has("manage")) requireAuthor(viewer, comment);
    await tx
      .deleteFrom("node_comment")
      .where("organization_id", "=", place.node.organization_id)
      .where("number", "=", number)
      .execute();
  });
}

function requireAuthor(viewer: Viewer, { author }: Comment): void {
  if (author.principalId !== viewer.principalId || author.organizationId !== viewer.organizationId) {
    throw new DomainError("forbidden", "Only its author changes a comment");
  }
}

function checkText(text: string): string {
  const checked = text.trim().replaceAll("\0", "").toWellFormed();
  if (checked === "") throw new DomainError("invalid", "A comment needs a text", { data: { field: "/message" } });
  if ([...checked].length > longestText)
    throw new DomainError("too_large", "Message exceeds allowed character limit of 1000");
  return checked;
}
