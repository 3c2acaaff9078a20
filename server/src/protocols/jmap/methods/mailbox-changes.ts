import { changesSince } from "../../../domain/mail/changes-since.ts";
import type { Method } from "../method.ts";
import { readArguments } from "../read-arguments.ts";
import { changesResponse, changesShape } from "../standard-changes.ts";

/** RFC 8621 section 2.2. */
export const mailboxChanges: Method<"Mailbox/changes"> = async (context, given) => {
  const { accountId, sinceState, maxChanges } = readArguments(given, changesShape);
  const access = await context.accounts.open(accountId);
  const changes = await changesSince(context.deps.mail.store.read, access, "Mailbox", sinceState, maxChanges);
  return {
    ...changesResponse(accountId, changes),
    updatedProperties: changes.onlyCountsChanged
      ? ["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"]
      : null,
  };
};
