import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command } from "../command.ts";
import { Refusal } from "../refusal.ts";

/** COMPRESS (RFC 4978): DEFLATE in both directions from the end of the answer on. */
export const compress: Command = {
  state: "authenticated",
  updates: "never",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const mechanism = scanner.atom().toUpperCase();
    scanner.end();
    if (mechanism !== "DEFLATE") throw new BadSyntax("Only DEFLATE is known.");
    if (session.channel.compressed) throw new Refusal("DEFLATE is active already.", "COMPRESSIONACTIVE");
    return { text: "DEFLATE active.", afterwards: async () => session.channel.startCompression() };
  },
};
