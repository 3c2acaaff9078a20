import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";

export const unselect: Command = {
  state: "selected",
  updates: "never",
  async run(session, raw) {
    new Scanner(raw).end();
    session.deselect();
    return { text: "Closed, nothing expunged." };
  },
};
