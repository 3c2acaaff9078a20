import type { MailboxRights } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../domain/access/account-access.ts";
import { mayMarkSeen, rightsIn } from "../../domain/access/mailbox-rights.ts";
import type { Mailbox } from "../../domain/mail/model.ts";

/** What the viewer may do in a mailbox (RFC 8621 section 2). */
export function rightsOn({ id, role }: Pick<Mailbox, "id" | "role">, access: AccountAccess): MailboxRights {
  const rights = rightsIn(access, id);
  const isInbox = role === "inbox";
  return {
    mayReadItems: rights.has("read"),
    mayAddItems: rights.has("write"),
    mayRemoveItems: rights.has("delete"),
    maySetSeen: mayMarkSeen(access, id),
    maySetKeywords: rights.has("write"),
    mayCreateChild: rights.has("manage"),
    mayRename: rights.has("manage") && !isInbox,
    mayDelete: rights.has("manage") && !isInbox,
    maySubmit: access.isOwn || access.rights.has("send_as") || access.rights.has("send_on_behalf"),
  };
}
