import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";

export interface Folder {
  readonly mailbox: Mailbox;
  /** 0 at the top. */
  readonly depth: number;
}

const roleOrder = ["inbox", "drafts", "sent", "archive", "junk", "trash"];

/** The mailboxes with a role in their usual order, and the folders as a tree in the order they are shown. */
export function arrangeMailboxes(mailboxes: readonly Mailbox[]): { roles: Mailbox[]; folders: Folder[] } {
  const roles = mailboxes
    .filter((mailbox) => mailbox.role !== null)
    .sort((a, b) => roleOrder.indexOf(a.role as string) - roleOrder.indexOf(b.role as string));
  const ids = new Set(mailboxes.map((mailbox) => mailbox.id));
  const withRole = new Set(roles.map((mailbox) => mailbox.id));
  const children = new Map<string | null, Mailbox[]>();
  for (const mailbox of mailboxes) {
    if (mailbox.role !== null) continue;
    // Under a mailbox with a role, or one that cannot be seen, a folder stands at the top.
    const hasParent = mailbox.parentId !== null && ids.has(mailbox.parentId) && !withRole.has(mailbox.parentId);
    const parent = hasParent ? mailbox.parentId : null;
    children.set(parent, [...(children.get(parent) ?? []), mailbox]);
  }
  const folders: Folder[] = [];
  const seen = new Set<string>();
  const visit = (parent: string | null, depth: number) => {
    const here = (children.get(parent) ?? []).sort(
      (a, b) => a.sortOrder - b.sortOrder || a.name.localeCompare(b.name, "fr", { numeric: true }),
    );
    for (const mailbox of here) {
      if (seen.has(mailbox.id)) continue;
      seen.add(mailbox.id);
      folders.push({ mailbox, depth });
      visit(mailbox.id, depth + 1);
    }
  };
  visit(null, 0);
  return { roles, folders };
}
