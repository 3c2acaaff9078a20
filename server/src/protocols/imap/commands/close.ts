import { rightsIn } from "../../../domain/access/mailbox-rights.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { expungeDeleted } from "../expunge-deleted.ts";

/** Expunges without telling, unless the mailbox is read-only (RFC 9051 section 6.4.1). */
export const close: Command = {
  state: "selected",
  updates: "never",
  async run(session, raw) {
    new Scanner(raw).end();
    const { selected } = session;
    if (selected !== null && !selected.readOnly && rightsIn(selected.access, selected.id).has("delete")) {
      await expungeDeleted(session, selected, null);
    }
    session.deselect();
    return { text: "Closed." };
  },
};
