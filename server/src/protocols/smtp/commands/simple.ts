import { BadCommand } from "../../../formats/smtp-syntax/bad-command.ts";
import { type Command, reply } from "../client.ts";

/** RFC 5321 section 4.1.1.5. */
export const rset: Command = async (client, text) => {
  if (text !== "") throw new BadCommand(501, "5.5.4", "RSET has no parameter");
  client.session.envelope = undefined;
  reply(client, 250, "2.0.0", "Forgotten");
};

/** RFC 5321 section 4.1.1.9. */
export const noop: Command = async (client) => {
  reply(client, 250, "2.0.0", "Still here");
};

/** RFC 5321 section 4.1.1.10. */
export const quit: Command = async (client) => {
  reply(client, 221, "2.0.0", `${client.hostName} Goodbye`);
  client.isLeaving = true;
};

/** Neither confirms nor denies (RFC 5321 section 7.3). */
export const vrfy: Command = async (client, text) => {
  if (text === "") throw new BadCommand(501, "5.5.4", "An address is expected");
  reply(client, 252, "2.5.2", "Send it a message to know");
};

export const expn: Command = async () => {
  throw new BadCommand(502, "5.7.2", "Lists are not told here");
};

export const help: Command = async (client) => {
  reply(client, 214, "2.0.0", "Bouquet speaks RFC 5321");
};
