import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { writeStatusLine } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";

export const logout: Command = {
  state: "any",
  updates: "never",
  async run(session, raw) {
    new Scanner(raw).end();
    session.channel.send(writeStatusLine("BYE", "Goodbye."));
    session.ended = true;
    return { text: "Signed out." };
  },
};
