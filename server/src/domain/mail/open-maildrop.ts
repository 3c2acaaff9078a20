import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { readNumbers } from "../../store/packed-columns.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";

/** The inbox as POP3 sees it: a snapshot, numbered from 1 in the order of arrival. */
export interface Maildrop {
  readonly mailboxId: string;
  readonly uidvalidity: number;
  /** By number less one. */
  readonly uids: readonly number[];
  /** Octets, by number less one. */
  readonly sizes: readonly number[];
}

/**
 * Takes the snapshot that a POP3 session works on (RFC 1939 section 4). Nothing is locked: uids are never used twice, so two
 * sessions may read and delete beside each other.
 * @throws DomainError `not_found` for an account without an inbox
 */
export async function openMaildrop(reader: Reader, access: AccountAccess): Promise<Maildrop> {
  const mailbox = await reader
    .selectFrom("mailbox")
    .select(["id", "uidvalidity"])
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("role", "=", "inbox")
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!mailbox) throw new DomainError("not_found", "There is no inbox");
  const { rows } = await sql<{ uids: string | null; sizes: string | null }>`
    SELECT string_agg(uid::text, ',' ORDER BY uid) AS uids, string_agg(size::text, ',' ORDER BY uid) AS sizes
    FROM mailbox_message
    WHERE organization_id = ${access.organizationId} AND mailbox_id = ${mailbox.id}`.execute(reader);
  return {
    mailboxId: mailbox.id,
    uidvalidity: mailbox.uidvalidity,
    uids: [...readNumbers(rows[0]?.uids ?? null)],
    sizes: [...readNumbers(rows[0]?.sizes ?? null)],
  };
}

/**
 * The message behind a number of the snapshot.
 * @throws DomainError `not_found` when it was removed meanwhile
 */
export async function findMaildropMessage(
  reader: Reader,
  access: AccountAccess,
  maildrop: Maildrop,
  uid: number,
): Promise<{ blobId: string }> {
  const { rows } = await sql<{ blob_id: string }>`
    SELECT m.blob_id FROM mailbox_message c
    JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${maildrop.mailboxId} AND c.uid = ${uid}
      AND c.account_id = ${access.accountId}`.execute(reader);
  if (!rows[0]) throw new DomainError("not_found", "The message was removed meanwhile");
  return { blobId: rows[0].blob_id };
}
