import type { Mailbox, MailboxRole } from "@bouquet/contract/jmap-mail.ts";
import { Archive, FilePenLine, Folder, Inbox, type LucideIcon, Send, ShieldAlert, Trash2 } from "lucide-react";
import { useMailText } from "../../i18n/mail.ts";

const icons: Record<MailboxRole, LucideIcon> = {
  inbox: Inbox,
  drafts: FilePenLine,
  sent: Send,
  archive: Archive,
  junk: ShieldAlert,
  trash: Trash2,
};

export function mailboxIcon(mailbox: Mailbox): LucideIcon {
  return mailbox.role === null ? Folder : icons[mailbox.role];
}

/** Mailboxes with a role are named in the language of the page, the others as their owner did. */
export function useMailboxName(): (mailbox: Mailbox) => string {
  const t = useMailText();
  return (mailbox) => (mailbox.role === null ? mailbox.name : t.roles[mailbox.role]);
}
