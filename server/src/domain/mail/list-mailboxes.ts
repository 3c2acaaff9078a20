import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { unseen } from "../../store/mail/flag-conditions.ts";
import { copiesSeenBy } from "../../store/mail/mailbox-message-rows.ts";
import { selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { mayRead } from "../access/mailbox-rights.ts";
import { seenBy } from "../access/seen-by.ts";
import { DomainError } from "../errors.ts";
import { countUnseen } from "./count-unseen.ts";
import { mailboxFromRow } from "./mailbox-from-row.ts";
import type { Mailbox } from "./model.ts";

/** The account's mailboxes that the viewer may read, by sort order, then name: unseen messages and subscriptions are the viewer's. */
export async function listMailboxes(reader: Reader, access: AccountAccess): Promise<Mailbox[]> {
  const rows = await selectMailboxes(reader, access);
  const mailboxes = rows.filter(({ id }) => mayRead(access, id)).map(mailboxFromRow);
  if (access.isOwn || mailboxes.length === 0) return mailboxes;
  const subscriptions = await readSubscriptions(reader, access);
  const unseenIn = access.personalSeen === true ? await countUnseen(reader, access, mailboxes) : undefined;
  for (const mailbox of mailboxes) {
    mailbox.isSubscribed = subscriptions.get(mailbox.id) ?? mailbox.isSubscribed;
    if (unseenIn !== undefined) mailbox.unseen = unseenIn.get(mailbox.id) ?? 0;
  }
  return mailboxes;
}

/**
 * Names of the mailboxes above those that the viewer may read, which they may not read themselves: they hold them in a tree. By id,
 * the parent's id beside.
 */
export async function listHiddenParents(
  reader: Reader,
  access: AccountAccess,
): Promise<{ id: string; parentId: string | null; name: string }[]> {
  if (access.rights.has("read")) return [];
  const rows = await selectMailboxes(reader, access);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const hidden = new Map<string, { id: string; parentId: string | null; name: string }>();
  for (const row of rows.filter(({ id }) => mayRead(access, id))) {
    for (let above = byId.get(row.parent_id ?? ""); above !== undefined; above = byId.get(above.parent_id ?? "")) {
      if (mayRead(access, above.id)) continue;
      hidden.set(above.id, { id: above.id, parentId: above.parent_id, name: above.name });
    }
  }
  return [...hidden.values()];
}

/**
 * Where the viewer, who is not the owner, said that they do or do not subscribe: elsewhere they do as the owner does. By mailbox id.
 */
async function readSubscriptions(reader: Reader, access: AccountAccess): Promise<Map<string, boolean>> {
  const { rows } = await sql<{ mailbox_id: string; is_subscribed: boolean }>`
    SELECT s.mailbox_id, s.is_subscribed FROM mailbox_subscription s
    JOIN mailbox m ON m.organization_id = s.organization_id AND m.id = s.mailbox_id
    WHERE m.organization_id = ${access.organizationId} AND m.account_id = ${access.accountId}
      AND s.principal_id = ${access.viewer.principalId}`.execute(reader);
  return new Map(rows.map((row) => [row.mailbox_id, row.is_subscribed]));
}

/**
 * A mailbox, its counts and subscription as they are for all: `listMailboxes` gives the viewer's.
 * @throws DomainError `not_found`, also when the viewer may not read it
 */
export async function readMailbox(reader: Reader, access: AccountAccess, mailboxId: string): Promise<Mailbox> {
  const visible = isUuid(mailboxId) && mayRead(access, mailboxId);
  const row = visible ? (await selectMailboxes(reader, access, [mailboxId]))[0] : undefined;
  if (!row) throw new DomainError("not_found", "There is no such mailbox");
  return mailboxFromRow(row);
}

/**
 * Threads with a message in each mailbox, and those of them with an unseen message anywhere (RFC 8621 section 2). Reads every
 * message row of the account.
 */
export async function countThreads(
  reader: Reader,
  access: AccountAccess,
): Promise<Map<string, { total: number; unread: number }>> {
  const result = await sql<{ mailbox_id: string; total: number; unread: number }>`
    WITH unread AS MATERIALIZED (
      SELECT DISTINCT c.thread_id FROM ${copiesSeenBy(seenBy(access))} c
      WHERE c.organization_id = ${access.organizationId} AND c.account_id = ${access.accountId} AND ${unseen("c")}
    ), present AS (
      SELECT DISTINCT mailbox_id, thread_id FROM mailbox_message
      WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}
    )
    SELECT p.mailbox_id, count(*) AS total, count(u.thread_id) AS unread
    FROM present p LEFT JOIN unread u ON u.thread_id = p.thread_id GROUP BY 1`.execute(reader);
  return new Map(result.rows.map((row) => [row.mailbox_id, { total: row.total, unread: row.unread }] as const));
}
