import { BadCommand } from "../../../formats/smtp-syntax/bad-command.ts";
import { type Client, type Command, reply } from "../client.ts";

/** RFC 5321 section 4.1.1.1. Begins anew, like RSET. */
export const ehlo: Command = async (client, text) => {
  const { session, service, hostName, limits, messageSizeLimit } = client;
  session.helo = readName(text);
  session.isExtended = true;
  session.envelope = undefined;
  const mechanisms = service.mechanisms(session);
  reply(
    client,
    250,
    "",
    `${hostName} ${greeting(client)}`,
    "PIPELINING",
    `SIZE ${messageSizeLimit}`,
    "8BITMIME",
    "SMTPUTF8",
    "ENHANCEDSTATUSCODES",
    "DSN",
    // RFC 9422.
    `LIMITS RCPTMAX=${limits.maxRecipients}`,
    ...(session.secure ? ["REQUIRETLS"] : ["STARTTLS"]),
    ...(mechanisms.length > 0 ? [`AUTH ${mechanisms.join(" ")}`] : []),
  );
};

export const helo: Command = async (client, text) => {
  client.session.helo = readName(text);
  client.session.isExtended = false;
  client.session.envelope = undefined;
  reply(client, 250, "", `${client.hostName} ${greeting(client)}`);
};

function greeting({ session }: Client): string {
  return `greets [${session.remoteAddress}]`;
}

/** A domain or an address literal; what programs really send is wider than RFC 5321. */
function readName(text: string): string {
  if (!/^[!-~]{1,255}$/.test(text)) throw new BadCommand(501, "5.5.4", "The name of the client is expected");
  return text;
}
