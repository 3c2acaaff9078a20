import type { AccountAccess } from "../../domain/access/account-access.ts";
import { countDeleted } from "../../domain/mail/count-deleted.ts";
import { countRecent } from "../../domain/mail/count-recent.ts";
import type { Mailbox } from "../../domain/mail/model.ts";
import type { StatusItem } from "../../formats/imap-syntax/parse-status.ts";
import { writeMailbox, writeUntagged } from "../../formats/imap-syntax/write-response.ts";
import type { MailboxEntry } from "./mailbox-tree.ts";
import type { Session } from "./session.ts";

/** A STATUS response (RFC 9051 section 7.3.4), for STATUS and for LIST RETURN (STATUS …). */
export async function statusResponse(
  session: Session,
  entry: MailboxEntry & { readonly mailbox: Mailbox },
  items: readonly StatusItem[],
): Promise<string> {
  if (items.includes("HIGHESTMODSEQ")) session.enableCondstore();
  const written: string[] = [];
  for (const item of items) written.push(`${item} ${await itemValue(session, entry, item)}`);
  return writeUntagged(`STATUS ${writeMailbox(entry.name, session.utf8)} (${written.join(" ")})`);
}

async function itemValue(
  session: Session,
  { access, mailbox }: MailboxEntry & { readonly mailbox: Mailbox },
  item: StatusItem,
): Promise<string | number> {
  switch (item) {
    case "MESSAGES":
      return mailbox.total;
    case "RECENT":
      return recentIn(session, access, mailbox);
    case "UIDNEXT":
      return mailbox.uidnext;
    case "UIDVALIDITY":
      return mailbox.uidvalidity;
    case "UNSEEN":
      return mailbox.unseen;
    case "DELETED":
      return (await countDeleted(session.deps.mail.store.read, access, mailbox.id)).count;
    case "DELETED-STORAGE":
      return (await countDeleted(session.deps.mail.store.read, access, mailbox.id)).bytes;
    case "SIZE":
      return mailbox.size;
    case "HIGHESTMODSEQ":
      return mailbox.highestModseq;
    case "APPENDLIMIT":
      return session.deps.settings.maxMessageBytes;
    case "MAILBOXID":
      return `(${mailbox.id})`;
  }
}

/** What no session was told of; in the selected mailbox also what is recent for this client. */
async function recentIn(session: Session, access: AccountAccess, mailbox: Mailbox): Promise<number> {
  if (session.rev2) return 0;
  const { selected } = session;
  const here = selected?.id === mailbox.id ? selected.countRecent(session) : { count: 0, throughUid: 0 };
  return here.count + (await countRecent(session.deps.mail.store.read, access, mailbox, here.throughUid));
}
