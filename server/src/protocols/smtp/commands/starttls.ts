import { BadCommand } from "../../../formats/smtp-syntax/bad-command.ts";
import { type Command, reply } from "../client.ts";

/** RFC 3207. */
export const starttls: Command = async (client, text) => {
  const { session, channel } = client;
  if (text !== "") throw new BadCommand(501, "5.5.4", "STARTTLS has no parameter");
  if (session.secure) throw new BadCommand(503, "5.5.1", "The connection is under TLS already");
  if (session.helo === "" || !session.isExtended) throw new BadCommand(503, "5.5.1", "EHLO must come first");
  reply(client, 220, "2.0.0", "Ready to start TLS");
  await channel.startTls();
  session.forget();
};
