import { type RawBuilder, sql } from "kysely";

/** The copy `alias` is not seen: word for word the predicate of the index `mailbox_message_unseen`. */
export function unseen(alias: string): RawBuilder<unknown> {
  return sql`NOT ${sql.ref(alias)}.flags @> '{"\\\\Seen"}'`;
}

/** The copy `alias` is flagged: the predicate of the index `mailbox_message_flagged`. */
export function flagged(alias: string): RawBuilder<unknown> {
  return sql`${sql.ref(alias)}.flags @> '{"\\\\Flagged"}'`;
}

/** The copy `alias` is to be expunged: the predicate of the index `mailbox_message_deleted`. */
export function deleted(alias: string): RawBuilder<unknown> {
  return sql`${sql.ref(alias)}.flags @> '{"\\\\Deleted"}'`;
}
