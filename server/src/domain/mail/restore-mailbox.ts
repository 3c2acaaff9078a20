import { sql } from "kysely";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { isUuid } from "../../store/uuid.ts";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { createMailbox } from "./create-mailbox.ts";
import { listMailboxes } from "./list-mailboxes.ts";
import type { Mailbox, MailboxRole, MailDeps } from "./model.ts";
import { restoreExpunged } from "./restore-expunged.ts";

const batch = 200;

/**
 * Brings a deleted mailbox back with the messages that were in it, as a new one: clients were told that the old is gone. It stands
 * where it stood, or at the top when what was above it is gone too; under another name when its own is taken. What does not fit in
 * the quota stays recoverable, now in the new mailbox.
 * @throws DomainError `forbidden`, `not_found`, `over_quota` when not all messages came back
 */
export async function restoreMailbox(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
): Promise<{ mailbox: Mailbox; restored: number }> {
  requireRight(access, "manage");
  requireRight(access, "write");
  const { store } = deps;
  const key = { organization_id: access.organizationId, account_id: access.accountId };
  const old = isUuid(mailboxId)
    ? await store.read
        .selectFrom("mailbox")
        .select(["name", "parent_id", "role", "sort_order", "is_subscribed"])
        .where("organization_id", "=", key.organization_id)
        .where("account_id", "=", key.account_id)
        .where("id", "=", mailboxId)
        .where("deleted_at", "is not", null)
        .executeTakeFirst()
    : undefined;
  if (!old) throw new DomainError("not_found", "There is no such deleted mailbox");
  const mailboxes = await listMailboxes(store.read, access);
  const parentId = mailboxes.some((each) => each.id === old.parent_id) ? old.parent_id : null;
  const role = old.role as MailboxRole | null;
  const mailbox = await createMailbox(deps, access, {
    name: freeName(mailboxes, parentId, old.name),
    parentId,
    role: role !== null && mailboxes.some((each) => each.role === role) ? null : role,
    isSubscribed: old.is_subscribed,
    sortOrder: old.sort_order,
  });
  const ids = await store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const moved = await sql<{ id: string }>`
      UPDATE expunged_message SET mailbox_id = ${mailbox.id}
      WHERE organization_id = ${key.organization_id} AND account_id = ${key.account_id} AND mailbox_id = ${mailboxId}
      RETURNING id`.execute(tx);
    // What was inside of it is restored inside of the new one.
    await sql`
      UPDATE mailbox SET parent_id = ${mailbox.id}
      WHERE organization_id = ${key.organization_id} AND parent_id = ${mailboxId} AND deleted_at IS NOT NULL`.execute(
      tx,
    );
    await sql`
      DELETE FROM mailbox WHERE organization_id = ${key.organization_id} AND id = ${mailboxId} AND deleted_at IS NOT NULL`.execute(
      tx,
    );
    return moved.rows.map((row) => row.id);
  });
  let restored = 0;
  for (let from = 0; from < ids.length; from += batch) {
    restored += (await restoreExpunged(deps, access, ids.slice(from, from + batch))).restored;
  }
  return { mailbox, restored };
}

function freeName(mailboxes: readonly Mailbox[], parentId: string | null, name: string): string {
  const taken = new Set(mailboxes.filter((each) => each.parentId === parentId).map((each) => each.name));
  for (let number = 2, candidate = name; ; number++) {
    if (!taken.has(candidate)) return candidate;
    candidate = `${name} (${number})`;
  }
}
