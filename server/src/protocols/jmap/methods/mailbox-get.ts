import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { countThreads, listMailboxes } from "../../../domain/mail/list-mailboxes.ts";
import { mailState } from "../../../domain/mail/mail-state.ts";
import type * as model from "../../../domain/mail/model.ts";
import { rightsOn } from "../mailbox-rights.ts";
import type { Method } from "../method.ts";
import { readArguments } from "../read-arguments.ts";
import { getResponse, getShape, readIds, readProperties } from "../standard-get.ts";

const mailboxProperties = [
  "id",
  "name",
  "parentId",
  "role",
  "sortOrder",
  "totalEmails",
  "unreadEmails",
  "totalThreads",
  "unreadThreads",
  "myRights",
  "isSubscribed",
] as const satisfies readonly (keyof Mailbox)[];

/** RFC 8621 section 2.1. */
export const mailboxGet: Method<"Mailbox/get"> = async (context, given) => {
  const { accountId, ids, properties } = readArguments(given, getShape);
  const access = await context.accounts.open(accountId);
  const wantedIds = readIds(context, ids);
  const wanted = readProperties(mailboxProperties, properties);
  const reader = context.deps.mail.store.read;
  // The state first: what changes meanwhile is then told again, and never missed.
  const state = (await mailState(reader, access)).Mailbox;
  const mailboxes = await listMailboxes(reader, access);
  const countsThreads = wanted.has("totalThreads") || wanted.has("unreadThreads");
  const threads = countsThreads ? await countThreads(reader, access) : undefined;
  const list = mailboxes.map((mailbox) => toJmap(mailbox, access, threads?.get(mailbox.id)));
  return getResponse(accountId, state, list, wantedIds, wanted);
};

function toJmap(
  mailbox: model.Mailbox,
  access: AccountAccess,
  threads: { total: number; unread: number } | undefined,
): Mailbox {
  return {
    id: mailbox.id,
    name: mailbox.name,
    parentId: mailbox.parentId,
    role: mailbox.role,
    sortOrder: mailbox.sortOrder,
    totalEmails: mailbox.total,
    unreadEmails: mailbox.unseen,
    totalThreads: threads?.total ?? 0,
    unreadThreads: threads?.unread ?? 0,
    myRights: rightsOn(mailbox, access),
    isSubscribed: mailbox.isSubscribed,
  };
}
