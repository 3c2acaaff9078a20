import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { requirePrivacy, signIn } from "../sign-in.ts";

export const login: Command = {
  state: "not-authenticated",
  updates: "never",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.astring();
    scanner.space();
    const password = scanner.astring();
    scanner.end();
    requirePrivacy(session);
    return signIn(session, name, password);
  },
};
