import { endLeftSubscriptions } from "../../../domain/mail/left-subscriptions.ts";
import { updateMailbox } from "../../../domain/mail/update-mailbox.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { findEntry, findMailbox, normalizeName, readMailboxTree } from "../mailbox-tree.ts";
import type { Session } from "../session.ts";

/** SUBSCRIBE and UNSUBSCRIBE. */
export const subscribe: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.end();
    const isSubscribed = raw.verb === "SUBSCRIBE";
    if (!isSubscribed && (await endLeft(session, name))) return { text: "Unsubscribed." };
    const { access, mailbox } = await findMailbox(session, name);
    if (mailbox.isSubscribed !== isSubscribed) {
      await updateMailbox(session.deps.mail, access, mailbox.id, { isSubscribed });
    }
    return { text: isSubscribed ? "Subscribed." : "Unsubscribed." };
  },
};

/** Ends the subscription to a name whose mailbox was deleted; false when there is none. */
async function endLeft(session: Session, name: string): Promise<boolean> {
  const own = (await session.accounts()).find((access) => session.isPersonal(access));
  if (own === undefined || findEntry(await readMailboxTree(session, { ownOnly: true }), name)?.mailbox) return false;
  return endLeftSubscriptions(session.deps.mail, own, [normalizeName(name)]);
}
