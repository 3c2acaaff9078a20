import { deleteMailbox } from "../../../domain/mail/delete-mailbox.ts";
import { leaveSubscription } from "../../../domain/mail/left-subscriptions.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { findEntry, readMailboxTree } from "../mailbox-tree.ts";
import { Refusal } from "../refusal.ts";

/** DELETE. The messages stay recoverable for the recovery period; the name stays subscribed (RFC 9051 section 6.3.7). */
export const deleteCommand: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.end();
    const tree = await readMailboxTree(session);
    const entry = findEntry(tree, name);
    if (!entry?.mailbox) throw new Refusal("There is no such mailbox.", "NONEXISTENT");
    if (entry.mailbox.role === "inbox") throw new Refusal("INBOX cannot be deleted.", "CANNOT");
    const prefix = `${entry.name}/`;
    if ([...tree.keys()].some((other) => other.startsWith(prefix))) {
      throw new Refusal("The mailbox holds other mailboxes.", "HASCHILDREN");
    }
    const { mail } = session.deps;
    await deleteMailbox(mail, entry.access, entry.mailbox.id, { onDestroyRemoveEmails: true });
    if (entry.isPersonal && entry.mailbox.isSubscribed) await leaveSubscription(mail, entry.access, entry.name);
    if (session.selected?.id === entry.mailbox.id) session.deselect();
    return { text: "Deleted." };
  },
};
