import { updateMailbox } from "../../../domain/mail/update-mailbox.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { findMailbox } from "../mailbox-tree.ts";

/** SUBSCRIBE and UNSUBSCRIBE. */
export const subscribe: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.end();
    const { access, mailbox } = await findMailbox(session, name);
    const isSubscribed = raw.verb === "SUBSCRIBE";
    if (mailbox.isSubscribed !== isSubscribed) {
      await updateMailbox(session.deps.mail, access, mailbox.id, { isSubscribed });
    }
    return { text: isSubscribed ? "Subscribed." : "Unsubscribed." };
  },
};
