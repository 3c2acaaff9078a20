import type { MailboxRights, MailboxRole } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../domain/access/account-access.ts";

/** What the viewer may do in a mailbox (RFC 8621 section 2): rights are those on the account. */
export function rightsOn(role: MailboxRole | null, { rights, isOwn }: AccountAccess): MailboxRights {
  const isInbox = role === "inbox";
  const writes = rights.has("write");
  return {
    mayReadItems: true,
    mayAddItems: writes,
    mayRemoveItems: writes && rights.has("delete"),
    maySetSeen: writes,
    maySetKeywords: writes,
    mayCreateChild: writes,
    mayRename: writes && !isInbox,
    mayDelete: rights.has("delete") && !isInbox,
    maySubmit: isOwn || rights.has("send_as"),
  };
}
