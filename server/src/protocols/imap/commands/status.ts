import { parseStatusItems } from "../../../formats/imap-syntax/parse-status.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { findMailbox } from "../mailbox-tree.ts";
import { statusResponse } from "../status-response.ts";

export const status: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.space();
    const items = parseStatusItems(scanner);
    scanner.end();
    session.channel.send(await statusResponse(session, await findMailbox(session, name), items));
    return { text: "Status told." };
  },
};
