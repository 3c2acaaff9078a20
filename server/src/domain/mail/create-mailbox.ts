import { sql } from "kysely";
import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { type MailboxRow, selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import { isUuid, uuidv7 } from "../../store/uuid.ts";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import { requireMailboxRight } from "../access/mailbox-rights.ts";
import { DomainError } from "../errors.ts";
import { inheritGrants } from "./delegation/inherit-grants.ts";
import { mailboxFromRow } from "./mailbox-from-row.ts";
import { isInboxName, normalizeMailboxName } from "./mailbox-name.ts";
import type { Mailbox, MailboxRole, MailDeps } from "./model.ts";

/** Levels below the root; IMAP paths stay readable and no walk up the tree is long. */
export const maxMailboxDepth = 20;
const maxMailboxes = 5_000;

export interface NewMailbox {
  name: string;
  parentId: string | null;
  role?: MailboxRole | null;
  isSubscribed?: boolean;
  sortOrder?: number;
}

/**
 * Makes a mailbox; rights that were given on the one around it alone hold in it too.
 * @throws DomainError `forbidden`, `invalid` (name, depth, number of mailboxes), `not_found` (parent), `already_exists` (name among
 *   siblings, role in the account)
 */
export async function createMailbox(deps: MailDeps, access: AccountAccess, input: NewMailbox): Promise<Mailbox> {
  if (input.parentId === null) requireRight(access, "manage");
  else requireMailboxRight(access, input.parentId, "manage");
  const name = normalizeMailboxName(input.name);
  const id = uuidv7();
  return deps.store.transact(async (tx) => {
    // What is no id is no parent: said below, like any other that is not there.
    if (input.parentId !== null && isUuid(input.parentId)) await inheritGrants(tx, access, input.parentId, id);
    await lockMailFeed(tx, access);
    const mailboxes = await selectMailboxes(tx, access);
    if (mailboxes.length >= maxMailboxes)
      throw new DomainError("invalid", `At most ${maxMailboxes} mailboxes are possible`);
    checkPlace(mailboxes, { id: null, name, parentId: input.parentId });
    if (input.role && mailboxes.some((each) => each.role === input.role)) {
      throw new DomainError("already_exists", "Another mailbox has this role");
    }
    const modseq = await takeModseq(tx, access, "mail", ["Mailbox"]);
    const row = await tx
      .insertInto("mailbox")
      .values({
        organization_id: access.organizationId,
        id,
        account_id: access.accountId,
        parent_id: input.parentId,
        name,
        role: input.role ?? null,
        is_subscribed: input.isSubscribed ?? true,
        sort_order: input.sortOrder ?? 100,
        uidvalidity: sql<number>`nextval('uidvalidity')`,
        highest_modseq: modseq,
        created_modseq: modseq,
        modseq,
        counts_modseq: modseq,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return mailboxFromRow(row as unknown as MailboxRow);
  });
}

/** Checks name, parent, cycle and depth of a mailbox to be made or moved (`id` null when it is new), under the feed lock. */
export function checkPlace(
  mailboxes: readonly MailboxRow[],
  place: { id: string | null; name: string; parentId: string | null },
): void {
  const byId = new Map(mailboxes.map((each) => [each.id, each]));
  let depth = 1;
  for (let above = place.parentId; above !== null; depth++) {
    const parent = byId.get(above);
    if (!parent) throw new DomainError("not_found", "There is no such parent mailbox");
    if (parent.id === place.id) throw new DomainError("invalid", "A mailbox cannot be put inside itself");
    above = parent.parent_id;
  }
  if (depth + heightBelow(mailboxes, place.id) > maxMailboxDepth) {
    throw new DomainError("invalid", `Mailboxes are nested at most ${maxMailboxDepth} deep`);
  }
  const sameName = mailboxes.some(
    (each) =>
      each.id !== place.id &&
      each.parent_id === place.parentId &&
      (each.name === place.name || (isInboxName(each.name, each.parent_id) && isInboxName(place.name, place.parentId))),
  );
  if (sameName || (place.id === null && isInboxName(place.name, place.parentId))) {
    throw new DomainError("already_exists", "A mailbox has this name already");
  }
}

function heightBelow(mailboxes: readonly MailboxRow[], id: string | null): number {
  if (id === null) return 0;
  let height = 0;
  let level = [id];
  for (;;) {
    const above = new Set(level);
    level = mailboxes.filter((each) => each.parent_id !== null && above.has(each.parent_id)).map((each) => each.id);
    if (level.length === 0) return height;
    height++;
  }
}
