import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import type { EmailSummary } from "../jmap/account-cache.ts";

/** The messages of a conversation to show from a mailbox: in the trash or in junk what is there, elsewhere what is in neither. */
export function shownEmails(
  emails: readonly EmailSummary[],
  mailbox: Mailbox | undefined,
  mailboxes: readonly Mailbox[],
): readonly EmailSummary[] {
  if (mailbox?.role === "trash" || mailbox?.role === "junk") {
    return emails.filter((email) => email.mailboxIds[mailbox.id]);
  }
  const aside = new Set(mailboxes.filter(({ role }) => role === "trash" || role === "junk").map(({ id }) => id));
  return emails.filter((email) => Object.keys(email.mailboxIds).some((id) => !aside.has(id)));
}
