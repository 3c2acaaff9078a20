import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { createMailbox } from "../../../domain/mail/create-mailbox.ts";
import { moveMessages } from "../../../domain/mail/move-messages.ts";
import { readSelection } from "../../../domain/mail/read-selection.ts";
import { updateMailbox } from "../../../domain/mail/update-mailbox.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { inBatches } from "../in-batches.ts";
import { findEntry, readMailboxTree } from "../mailbox-tree.ts";
import { placeMailbox } from "../place-mailbox.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";
import { tellNormalized } from "../tell-normalized.ts";

/** RENAME (RFC 9051 section 6.3.6). Renaming INBOX moves its messages and leaves it empty. */
export const rename: Command = {
  state: "authenticated",
  updates: "when-hinted",
  mayTakeLong: true,
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const from = scanner.mailbox(session.utf8);
    scanner.space();
    const to = scanner.mailbox(session.utf8);
    scanner.end();
    const tree = await readMailboxTree(session);
    const source = findEntry(tree, from);
    if (!source?.mailbox) throw new Refusal("There is no such mailbox.", "NONEXISTENT");
    if (`${to}/`.startsWith(`${source.name}/`)) throw new Refusal("A mailbox cannot be in itself.", "CANNOT");
    const place = placeMailbox(tree, to);
    const { parentId, missing } = place;
    let { access } = place;
    if (access.accountId !== source.access.accountId) {
      throw new Refusal("A mailbox cannot be given to another account.", "CANNOT");
    }
    const { mail } = session.deps;
    const last = missing.at(-1) as string;
    let parent = parentId;
    for (const level of missing.slice(0, -1)) {
      parent = (await createMailbox(mail, access, { name: level, parentId: parent, isSubscribed: false })).id;
      access = await session.reread(access);
    }
    if (source.mailbox.role === "inbox") {
      const target = await createMailbox(mail, access, { name: last, parentId: parent, isSubscribed: false });
      await moveAll(session, access, source.mailbox.id, target.id);
    } else await updateMailbox(mail, access, source.mailbox.id, { name: last, parentId: parent });
    session.channel.send(tellNormalized(session, to));
    return { text: "Renamed." };
  },
};

async function moveAll(session: Session, access: AccountAccess, fromMailboxId: string, toMailboxId: string) {
  const { mail } = session.deps;
  const { uids: all } = await readSelection(mail.store.read, access, fromMailboxId);
  for (const uids of inBatches([...all], 1000)) {
    await moveMessages(mail, access, { fromMailboxId, uids, toMailboxId, toAccess: access });
  }
}
