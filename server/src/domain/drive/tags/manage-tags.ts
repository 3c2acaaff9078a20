import { sql } from "kysely";
import type { Reader, Store } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { requireAdministrator } from "../../identity/require-administrator.ts";
import type { Viewer } from "../../identity/viewer.ts";
import type { Tag } from "./tag-row.ts";

const longestName = 64;
const mostTags = 2_000;

/** The tags of the viewer's organization, by name. */
export async function listTags(reader: Reader, viewer: Viewer): Promise<Tag[]> {
  return reader
    .selectFrom("node_tag")
    .select(["number", "name"])
    .where("organization_id", "=", viewer.organizationId)
    .orderBy(sql`lower(name)`)
    .execute();
}

/** @throws DomainError `not_found` */
export async function readTag(reader: Reader, viewer: Viewer, number: number): Promise<Tag> {
  const row = Number.isSafeInteger(number)
    ? await reader
        .selectFrom("node_tag")
        .select(["number", "name"])
        .where("organization_id", "=", viewer.organizationId)
        .where("number", "=", number)
        .executeTakeFirst()
    : undefined;
  if (!row) throw new DomainError("not_found", "There is no such tag");
  return row;
}

/**
 * Anybody of the organization makes one.
 * @throws DomainError `invalid`, `already_exists` whatever the case of the letters, `conflict` when there are too many
 */
export async function createTag(store: Store, viewer: Viewer, name: string): Promise<Tag> {
  const checked = checkTagName(name);
  return store.transact(async (tx) => {
    const { count } = await tx
      .selectFrom("node_tag")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("organization_id", "=", viewer.organizationId)
      .executeTakeFirstOrThrow();
    if (count >= mostTags) throw new DomainError("conflict", "There are too many tags");
    const { rows } = await sql<Tag>`
      INSERT INTO node_tag (organization_id, name) VALUES (${viewer.organizationId}, ${checked})
      ON CONFLICT (organization_id, lower(name)) DO NOTHING RETURNING number, name`.execute(tx);
    if (!rows[0]) throw new DomainError("already_exists", "Tag already exists");
    return rows[0];
  });
}

/** The organization's administrators rename what others use. @throws DomainError `forbidden`, `invalid`, `not_found`, `already_exists` */
export async function renameTag(store: Store, viewer: Viewer, number: number, name: string): Promise<void> {
  requireAdministrator(viewer);
  const checked = checkTagName(name);
  await store.transact(async (tx) => {
    const taken = await tx
      .selectFrom("node_tag")
      .select("number")
      .where("organization_id", "=", viewer.organizationId)
      .where(sql<boolean>`lower(name) = lower(${checked})`)
      .where("number", "<>", number)
      .executeTakeFirst();
    if (taken) throw new DomainError("already_exists", "Tag already exists");
    const { numUpdatedRows } = await tx
      .updateTable("node_tag")
      .set({ name: checked })
      .where("organization_id", "=", viewer.organizationId)
      .where("number", "=", number)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new DomainError("not_found", "There is no such tag");
  });
}

/** Takes it off every file. @throws DomainError `forbidden`, `not_found` */
export async function deleteTag(store: Store, viewer: Viewer, number: number): Promise<void> {
  requireAdministrator(viewer);
  const { numDeletedRows } = await store.transact((tx) =>
    tx
      .deleteFrom("node_tag")
      .where("organization_id", "=", viewer.organizationId)
      .where("number", "=", number)
      .executeTakeFirst(),
  );
  if (numDeletedRows === 0n) throw new DomainError("not_found", "There is no such tag");
}

function checkTagName(text: string): string {
  const name = text.trim().normalize("NFC");
  if (name === "" || [...name].length > longestName || /\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw new DomainError("invalid", "A name of at most 64 characters is needed", { data: { field: "/name" } });
  }
  return name;
}
