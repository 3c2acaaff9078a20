import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { writeUntagged } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";
import { SHARED_PREFIX } from "../mailbox-tree.ts";

/** RFC 2342: one's own mailboxes, no other users' ones, and what is shared. */
export const namespace: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    new Scanner(raw).end();
    const shared = session.isOpened ? "NIL" : `(("${SHARED_PREFIX}/" "/"))`;
    session.channel.send(writeUntagged(`NAMESPACE (("" "/")) NIL ${shared}`));
    return { text: "Namespaces listed." };
  },
};
