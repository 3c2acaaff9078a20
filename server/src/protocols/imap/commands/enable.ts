import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { writeUntagged } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";
import type { Enabled } from "../session.ts";

const KNOWN: readonly Enabled[] = ["IMAP4rev2", "CONDSTORE", "QRESYNC", "UTF8=ACCEPT"];

/** RFC 5161: what is not known is ignored. */
export const enable: Command = {
  state: "authenticated",
  updates: "never",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    const asked: string[] = [];
    do {
      scanner.space();
      asked.push(scanner.atom().toUpperCase());
    } while (!scanner.atEnd);
    const enabled = KNOWN.filter((name) => asked.includes(name.toUpperCase()) && !session.enabled.has(name));
    for (const name of enabled) session.enabled.add(name);
    if (session.qresync) session.enableCondstore();
    session.channel.send(writeUntagged(["ENABLED", ...enabled].join(" ")));
    return { text: "Enabled." };
  },
};
