import { BadCommand } from "../../../formats/smtp-syntax/bad-command.ts";
import { ConnectionClosed } from "../../../net/socket-channel.ts";
import { type Command, reply } from "../client.ts";
import { TooSilent } from "../client-channel.ts";
import { tellRefused } from "../refused.ts";
import { formatReply, goodbye } from "../reply.ts";

/** RFC 5321 section 4.1.1.4. */
export const data: Command = async (client, text) => {
  const { session, service, channel, metrics } = client;
  const { envelope } = session;
  if (text !== "") throw new BadCommand(501, "5.5.4", "DATA has no parameter");
  if (!envelope) throw new BadCommand(503, "5.5.1", "MAIL must come first");
  if (envelope.recipients.length === 0) throw new BadCommand(503, "5.5.1", "No recipient was accepted");
  reply(client, 354, "", "End the message with CRLF . CRLF");
  await channel.flush();
  let isWhole = false;
  async function* stream(): AsyncGenerator<Buffer> {
    yield* channel.readMessage();
    isWhole = true;
  }
  const cut = () => {
    channel.write(formatReply(421, "4.3.4", [`${client.hostName} The message is far too large`]));
    void channel.end();
  };
  try {
    const accepted = await service.data(session, envelope, stream(), cut);
    metrics.messages.increase({ service: service.kind, outcome: "accepted" });
    reply(client, 250, "2.0.0", accepted);
  } catch (thrown) {
    metrics.messages.increase({ service: service.kind, outcome: isWhole ? "refused" : "broken_off" });
    if (thrown instanceof ConnectionClosed || thrown instanceof TooSilent) throw thrown;
    const refusal = tellRefused(client, thrown, envelope, envelope.recipients);
    // Half of a message is left: what follows would be read as commands.
    throw isWhole ? refusal : goodbye(refusal.message, "4.3.0");
  } finally {
    session.envelope = undefined;
    client.counts.idleCommands = 0;
  }
};
