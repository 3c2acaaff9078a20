import { requireMailboxRight } from "../../../domain/access/mailbox-rights.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { expungeDeleted } from "../expunge-deleted.ts";
import { requireSelected, requireWritable } from "../require-selected.ts";

/** EXPUNGE and UID EXPUNGE. What is gone is told with the changes of the mailbox. */
export const expunge: Command = {
  state: "selected",
  updates: "always",
  mayTakeLong: true,
  async run(session, raw) {
    const scanner = new Scanner(raw);
    const selected = requireSelected(session);
    let only: Iterable<number> | null = null;
    if (raw.verb === "UID EXPUNGE") {
      scanner.space();
      only = selected.resolve(session, scanner.sequenceSet(), true);
    }
    scanner.end();
    requireWritable(selected);
    requireMailboxRight(selected.access, selected.id, "delete");
    await expungeDeleted(session, selected, only);
    // RFC 7162 section 3.2.10: the client may then count on having all that came before.
    const code = () => (session.qresync ? `HIGHESTMODSEQ ${selected.modseq}` : undefined);
    return { text: "Expunged.", code };
  },
};
