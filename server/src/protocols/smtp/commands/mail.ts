import { BadCommand } from "../../../formats/smtp-syntax/bad-command.ts";
import { readMailParameters } from "../../../formats/smtp-syntax/read-parameters.ts";
import { readPath } from "../../../formats/smtp-syntax/read-path.ts";
import { type Command, reply } from "../client.ts";
import { tellRefused } from "../refused.ts";
import { SmtpRefusal } from "../reply.ts";

/** RFC 5321 section 4.1.1.2. */
export const mail: Command = async (client, text) => {
  const { session, service, messageSizeLimit } = client;
  if (session.helo === "") throw new BadCommand(503, "5.5.1", "EHLO must come first");
  if (session.envelope) throw new BadCommand(503, "5.5.1", "A message is under way already");
  const path = readPath(text, "FROM", true);
  const parameters = readMailParameters(path.rest, {
    // RFC 8689 section 2: not over a connection that anybody reads.
    requireTls: session.secure,
    auth: service.mechanisms(session).length > 0 || session.user !== undefined,
  });
  if (path.isInternational && !parameters.isSmtpUtf8) {
    throw new BadCommand(553, "5.6.7", "An address beyond ASCII needs SMTPUTF8 (RFC 6531)");
  }
  const envelope = { sender: path.address, parameters, recipients: [] };
  try {
    if (parameters.size !== undefined && parameters.size > messageSizeLimit) {
      throw new SmtpRefusal(552, "5.3.4", `The message is larger than ${messageSizeLimit} bytes`);
    }
    await service.mail(session, envelope);
  } catch (thrown) {
    throw tellRefused(client, thrown, envelope, []);
  }
  session.envelope = envelope;
  session.transaction += 1;
  reply(client, 250, "2.1.0", "Sender accepted");
};
