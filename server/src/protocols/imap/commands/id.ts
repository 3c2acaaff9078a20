import { parseId } from "../../../formats/imap-syntax/parse-id.ts";
import { writeUntagged } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";

/** RFC 2971. The server does not tell its version: that would help an attacker more than a user. */
export const id: Command = {
  state: "any",
  updates: "never",
  async run(session, raw) {
    const fields = parseId(raw);
    const name = fields.get("name");
    if (name) {
      const version = fields.get("version")?.slice(0, 40);
      session.deps.log.debug({ client: name.slice(0, 80), version }, "an IMAP client said what it is");
    }
    session.channel.send(writeUntagged('ID ("name" "Bouquet")'));
    return { text: "Pleased to meet you." };
  },
};
