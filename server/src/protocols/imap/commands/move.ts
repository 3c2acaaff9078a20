import { moveMessages } from "../../../domain/mail/move-messages.ts";
import { writeStatusLine } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";
import { requireWritable } from "../require-selected.ts";
import { copyUid, readTransfer } from "./copy.ts";

/** MOVE and UID MOVE (RFC 6851). The departures are told with the changes of the mailbox, after COPYUID. */
export const move: Command = {
  state: "selected",
  updates: "always",
  mayTakeLong: true,
  async run(session, raw) {
    const { selected, transfer } = await readTransfer(session, raw);
    requireWritable(selected);
    if (transfer === null) return { text: "There was nothing to move." };
    const code = copyUid(await moveMessages(session.deps.mail, selected.access, transfer));
    if (code !== undefined) session.channel.send(writeStatusLine("OK", "Moved.", code));
    return { text: "Moved.", code: () => (session.qresync ? `HIGHESTMODSEQ ${selected.modseq}` : undefined) };
  },
};
