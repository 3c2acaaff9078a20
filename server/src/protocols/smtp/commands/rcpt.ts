import { BadCommand } from "../../../formats/smtp-syntax/bad-command.ts";
import { readRecipientParameters } from "../../../formats/smtp-syntax/read-parameters.ts";
import { readPath } from "../../../formats/smtp-syntax/read-path.ts";
import { type Command, reply } from "../client.ts";
import { tellRefused } from "../refused.ts";
import { goodbye, SmtpRefusal } from "../reply.ts";

/** RFC 5321 section 4.1.1.3. */
export const rcpt: Command = async (client, text) => {
  const { session, service, limits, metrics, counts } = client;
  const { envelope } = session;
  if (!envelope) throw new BadCommand(503, "5.5.1", "MAIL must come first");
  const path = readPath(text, "TO", false);
  const parameters = readRecipientParameters(path.rest);
  if (path.isInternational && !envelope.parameters.isSmtpUtf8) {
    throw new BadCommand(553, "5.6.7", "An address beyond ASCII needs SMTPUTF8 (RFC 6531)");
  }
  // RFC 5321 section 4.5.3.1.10: the client sends the message to these, then again to the others.
  if (envelope.recipients.length >= limits.maxRecipients) {
    throw new SmtpRefusal(452, "4.5.3", "Too many recipients, send to the others later");
  }
  const recipient = { address: path.address, ...parameters };
  try {
    await service.recipient(session, envelope, recipient);
  } catch (thrown) {
    const refusal = tellRefused(client, thrown, envelope, [recipient]);
    metrics.refusedRecipients.increase({ service: service.kind });
    // Who is put off guesses nothing.
    if (!refusal.isTemporary) counts.refusedRecipients += 1;
    throw counts.refusedRecipients > limits.maxRefusals ? goodbye("Too many refused recipients, goodbye") : refusal;
  }
  envelope.recipients.push(recipient);
  reply(client, 250, "2.1.5", "Recipient accepted");
};
