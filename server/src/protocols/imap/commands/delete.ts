import { deleteMailbox } from "../../../domain/mail/delete-mailbox.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { findEntry, readMailboxTree } from "../mailbox-tree.ts";
import { Refusal } from "../refusal.ts";

/** DELETE. The messages stay recoverable for the recovery period. */
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
    await deleteMailbox(session.deps.mail, entry.access, entry.mailbox.id, { onDestroyRemoveEmails: true });
    if (session.selected?.id === entry.mailbox.id) session.deselect();
    return { text: "Deleted." };
  },
};
