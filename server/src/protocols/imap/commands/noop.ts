import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";

export const noop: Command = {
  state: "any",
  updates: "always",
  async run(_session, raw) {
    new Scanner(raw).end();
    return { text: "Nothing done." };
  },
};

/** Everything acknowledged is on disk already: CHECK has nothing left to do (RFC 3501 section 6.4.1). */
export const check: Command = { ...noop, state: "selected" };
