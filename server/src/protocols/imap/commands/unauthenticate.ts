import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { listCapabilities } from "../capability.ts";
import type { Command } from "../command.ts";

/** UNAUTHENTICATE (RFC 8437): the connection, its TLS and its compression serve for another person. */
export const unauthenticate: Command = {
  state: "authenticated",
  updates: "never",
  async run(session, raw) {
    new Scanner(raw).end();
    session.signOut();
    return { text: "Nobody is signed in.", code: `CAPABILITY ${listCapabilities(session)}` };
  },
};
