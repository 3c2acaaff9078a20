import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";

export const starttls: Command = {
  state: "not-authenticated",
  updates: "never",
  async run(session, raw) {
    new Scanner(raw).end();
    if (session.channel.secure) throw new BadSyntax("TLS is active already.");
    return { text: "Begin TLS now.", afterwards: () => session.channel.startTls() };
  },
};
