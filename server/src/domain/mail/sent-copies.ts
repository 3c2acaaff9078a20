import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Reader, Store, Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { DomainError } from "../errors.ts";
import type { AddedMessage } from "./add-messages.ts";

/** For so long a client's own copy of what we filed is taken for the same: one that was offline files it when it comes back. */
const sameForHours = 24;

/**
 * Where what is submitted as an account is filed by us: its Sent, if it is a shared mailbox, where programs would put their copy in
 * the Sent of the person, or if its owner wants it.
 * @param keptMessageId an Email that the submission is the sending of: if it is the account's own, its program files it
 * @returns undefined when nothing is to be filed
 */
export async function findSentMailbox(
  reader: Reader,
  account: AccountKey,
  keptMessageId: string | undefined,
): Promise<string | undefined> {
  const found = await sql<{ id: string }>`
    SELECT m.id FROM account a
    JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id
    JOIN mailbox m ON m.organization_id = a.organization_id AND m.account_id = a.id AND m.role = 'sent' AND m.deleted_at IS NULL
    WHERE a.organization_id = ${account.organizationId} AND a.id = ${account.accountId}
      AND coalesce(a.files_sent_copies, p.kind = 'shared_mailbox')
      ${
        keptMessageId === undefined
          ? sql``
          : sql`AND NOT EXISTS (SELECT FROM message e WHERE e.organization_id = a.organization_id AND e.account_id = a.id
              AND e.id = ${keptMessageId})`
      }`.execute(reader);
  return found.rows[0]?.id;
}

/** Whether what is submitted as an account is filed by us. @throws DomainError `not_found` */
export async function readFilesSentCopies(reader: Reader, account: AccountKey): Promise<boolean> {
  const { rows } = await sql<{ files: boolean }>`
    SELECT coalesce(a.files_sent_copies, p.kind = 'shared_mailbox') AS files FROM account a
    JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id
    WHERE a.organization_id = ${account.organizationId} AND a.id = ${account.accountId}`.execute(reader);
  if (!rows[0]) throw new DomainError("not_found", "There is no such account");
  return rows[0].files;
}

/** @param value undefined: only if it is a shared mailbox. @throws DomainError `not_found` */
export async function setFilesSentCopies(store: Store, account: AccountKey, value: boolean | undefined): Promise<void> {
  await store.transact(async (tx) => {
    const changed = await tx
      .updateTable("account")
      .set({ files_sent_copies: value ?? null })
      .where("organization_id", "=", account.organizationId)
      .where("id", "=", account.accountId)
      .executeTakeFirst();
    if (Number(changed.numUpdatedRows) === 0) throw new DomainError("not_found", "There is no such account");
  });
}

function hashOf(messageId: string): Buffer {
  return createHash("sha256").update(messageId).digest();
}

/** Makes a submission and an APPEND of the same message wait for one another; taken before the feed. */
async function lockMessageId(tx: Transactor, account: AccountKey, messageId: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`sent ${account.accountId} ${messageId}`}, 0))`.execute(tx);
}

/** Whether the account's Sent lacks a message that is submitted: its program may have filed it before. */
export async function lacksSentCopy(
  tx: Transactor,
  account: AccountKey,
  mailboxId: string,
  messageId: string | null,
): Promise<boolean> {
  if (messageId === null) return true;
  await lockMessageId(tx, account, messageId);
  const found = await sql`
    SELECT FROM message e JOIN mailbox_message x ON x.organization_id = e.organization_id AND x.message_id = e.id
    WHERE e.organization_id = ${account.organizationId} AND e.account_id = ${account.accountId}
      AND left(e.summary ->> 'messageId', 250) = left(${messageId}, 250) AND e.summary ->> 'messageId' = ${messageId}
      AND x.mailbox_id = ${mailboxId} AND x.save_date > now() - make_interval(hours => ${sameForHours}) LIMIT 1`.execute(
    tx,
  );
  return found.rows.length === 0;
}

/** Remembers a copy that we filed. */
export async function recordSentCopy(
  tx: Transactor,
  account: AccountKey,
  messageId: string | null,
  emailId: string,
): Promise<void> {
  if (messageId === null) return;
  const values = { email_id: emailId, filed_at: new Date() };
  await tx
    .insertInto("filed_copy")
    .values({
      organization_id: account.organizationId,
      account_id: account.accountId,
      message_id_hash: hashOf(messageId),
      ...values,
    })
    .onConflict((conflict) =>
      conflict.columns(["organization_id", "account_id", "message_id_hash"]).doUpdateSet(values),
    )
    .execute();
}

/** Those of some mailboxes that are a Sent. */
export async function findSentAmong(
  reader: Reader,
  account: AccountKey,
  mailboxIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await reader
    .selectFrom("mailbox")
    .select("id")
    .where("organization_id", "=", account.organizationId)
    .where("account_id", "=", account.accountId)
    .where("role", "=", "sent")
    .where("id", "in", [...new Set(mailboxIds)])
    .execute();
  return new Set(rows.map((row) => row.id));
}

/**
 * The copy that we filed of a message which a client adds to the same Sent: it is that one, with its UID.
 * @returns undefined when there is none: the message is to be added
 */
export async function findSentCopy(
  tx: Transactor,
  account: AccountKey,
  mailboxId: string,
  messageId: string | null,
): Promise<AddedMessage | undefined> {
  if (messageId === null) return undefined;
  await lockMessageId(tx, account, messageId);
  const found = await sql<{ message_id: string; thread_id: string; uid: number; uidvalidity: number; modseq: number }>`
    SELECT x.message_id, x.thread_id, x.uid, m.uidvalidity, x.modseq
    FROM filed_copy f
    JOIN mailbox_message x ON x.organization_id = f.organization_id AND x.message_id = f.email_id
    JOIN mailbox m ON m.organization_id = x.organization_id AND m.id = x.mailbox_id AND m.role = 'sent'
    WHERE f.organization_id = ${account.organizationId} AND f.account_id = ${account.accountId}
      AND f.message_id_hash = ${hashOf(messageId)} AND f.filed_at > now() - make_interval(hours => ${sameForHours})
      AND x.mailbox_id = ${mailboxId} LIMIT 1`.execute(tx);
  const row = found.rows[0];
  return (
    row && {
      accountId: account.accountId,
      mailboxId,
      messageId: row.message_id,
      threadId: row.thread_id,
      uid: row.uid,
      uidvalidity: row.uidvalidity,
      modseq: row.modseq,
      mailboxRole: "sent",
    }
  );
}

/** Forgets copies that no client's copy is taken for any more. @returns how many */
export async function purgeSentCopies(store: Store): Promise<number> {
  const result = await store.transact((tx) =>
    tx
      .deleteFrom("filed_copy")
      .where("filed_at", "<", new Date(Date.now() - sameForHours * 3_600_000))
      .executeTakeFirst(),
  );
  return Number(result.numDeletedRows);
}
