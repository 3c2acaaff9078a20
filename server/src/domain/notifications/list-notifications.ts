import type { Reader } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import type { PrincipalKey } from "../identity/identity-deps.ts";
import { type Notice, topics } from "./notice.ts";

export type Notification = Notice & { readonly id: number; readonly createdAt: Date };

/** Nobody reads further back. */
const most = 100;

/** What a person was told and has not put away, newest first; at most 100. */
export async function listNotifications(reader: Reader, person: PrincipalKey): Promise<Notification[]> {
  const rows = await select(reader, person).orderBy("id", "desc").limit(most).execute();
  return rows.flatMap(fromRow);
}

/** @throws DomainError `not_found` */
export async function readNotification(reader: Reader, person: PrincipalKey, id: number): Promise<Notification> {
  const row = Number.isSafeInteger(id)
    ? await select(reader, person).where("id", "=", id).executeTakeFirst()
    : undefined;
  const [found] = row ? fromRow(row) : [];
  if (!found) throw new DomainError("not_found", "There is no such notification");
  return found;
}

/** Those of `ids` that the person has not put away. */
export async function findNotifications(
  reader: Reader,
  person: PrincipalKey,
  ids: readonly number[],
): Promise<number[]> {
  const wanted = ids.filter((id) => Number.isSafeInteger(id));
  if (wanted.length === 0) return [];
  const rows = await select(reader, person).where("id", "in", wanted).execute();
  return rows.map((row) => row.id);
}

function select(reader: Reader, person: PrincipalKey) {
  return reader
    .selectFrom("notification")
    .select(["id", "topic", "data", "created_at"])
    .where("organization_id", "=", person.organizationId)
    .where("principal_id", "=", person.principalId);
}

/** None for a topic that an older release wrote and nobody knows any more. */
function fromRow(row: { id: number; topic: string; data: unknown; created_at: Date }): Notification[] {
  const topic = topics.find((each) => each === row.topic);
  if (!topic) return [];
  return [{ topic, data: row.data, id: row.id, createdAt: row.created_at } as Notification];
}
