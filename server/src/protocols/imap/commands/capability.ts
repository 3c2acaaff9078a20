import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { writeUntagged } from "../../../formats/imap-syntax/write-response.ts";
import { listCapabilities } from "../capability.ts";
import type { Command } from "../command.ts";

export const capability: Command = {
  state: "any",
  updates: "never",
  async run(session, raw) {
    new Scanner(raw).end();
    session.channel.send(writeUntagged(`CAPABILITY ${listCapabilities(session)}`));
    return { text: "Capabilities listed." };
  },
};
