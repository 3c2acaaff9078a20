import { createMailbox } from "../../../domain/mail/create-mailbox.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { readMailboxTree } from "../mailbox-tree.ts";
import { placeMailbox } from "../place-mailbox.ts";

/** CREATE, with the levels above that are missing (RFC 9051 section 6.3.4). */
export const create: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.end();
    const { access, parentId, missing } = placeMailbox(await readMailboxTree(session), name);
    let parent = parentId;
    for (const level of missing) {
      parent = (await createMailbox(session.deps.mail, access, { name: level, parentId: parent })).id;
    }
    return { text: "Created.", code: `MAILBOXID (${parent})` };
  },
};
