import { BadCommand } from "../../../formats/smtp-syntax/bad-command.ts";
import { ConnectionClosed } from "../../../net/socket-channel.ts";
import { bearerError, readBearerMessage } from "../../shared/sasl-bearer.ts";
import { BadSaslMessage, decodeSaslBase64, readPlainMessage } from "../../shared/sasl-plain.ts";
import { type Client, type Command, reply } from "../client.ts";
import { goodbye, SmtpRefusal } from "../reply.ts";
import type { AuthMechanism, SaslCredentials } from "../service.ts";
import { translateError } from "../translate-error.ts";

/** RFC 4954 section 4: a line of the exchange. */
const maxLine = 12_288;

/** RFC 4954. */
export const auth: Command = async (client, text) => {
  const { session, service } = client;
  const [name = "", initial, ...more] = text.split(" ");
  if (session.user) throw new BadCommand(503, "5.5.1", "You are signed in already");
  if (session.envelope) throw new BadCommand(503, "5.5.1", "A message is under way");
  if (session.helo === "" || !session.isExtended) throw new BadCommand(503, "5.5.1", "EHLO must come first");
  const mechanisms = service.mechanisms(session);
  if (mechanisms.length === 0) {
    if (service.kind === "submission") throw new BadCommand(538, "5.7.11", "STARTTLS must come first");
    throw new BadCommand(502, "5.5.1", "Nobody signs in here");
  }
  if (name === "") throw new BadCommand(501, "5.5.4", "The name of a mechanism is expected");
  const mechanism = mechanisms.find((each) => each === name.toUpperCase());
  if (!mechanism) throw new BadCommand(504, "5.5.4", "This mechanism is not known here");
  if (more.length > 0) throw new BadCommand(501, "5.5.4", "AUTH has two parameters at most");
  let credentials: SaslCredentials;
  try {
    credentials = await readCredentials(client, mechanism, initial);
  } catch (error) {
    if (error instanceof BadSaslMessage) throw new BadCommand(501, "5.5.2", error.message);
    throw error;
  }
  try {
    session.user = await service.authenticate(session, credentials);
  } catch (thrown) {
    await refuse(client, mechanism, translateError(thrown, client.log));
  }
  reply(client, 235, "2.7.0", "Welcome");
};

async function readCredentials(
  client: Client,
  mechanism: AuthMechanism,
  initial: string | undefined,
): Promise<SaslCredentials> {
  const first = initial === undefined ? undefined : decodeSaslBase64(initial);
  switch (mechanism) {
    case "PLAIN":
      return { kind: "password", ...readPlainMessage(first ?? (await challenge(client, ""))) };
    case "LOGIN": {
      const name = first ?? (await challenge(client, "Username:"));
      const password = await challenge(client, "Password:");
      return { kind: "password", authorizationId: "", name: name.toString(), password: password.toString() };
    }
    case "XOAUTH2":
    case "OAUTHBEARER":
      return { kind: "bearer", ...readBearerMessage(mechanism, first ?? (await challenge(client, ""))) };
  }
}

/** @throws SmtpRefusal always */
async function refuse(client: Client, mechanism: AuthMechanism, refusal: SmtpRefusal): Promise<never> {
  const isBearer = mechanism === "XOAUTH2" || mechanism === "OAUTHBEARER";
  if (isBearer && refusal.code === 535) {
    // RFC 7628 section 3.2.3: whatever the client answers to it, it is refused.
    await readAnswer(client, bearerError(mechanism, "smtp", client.service.discovery));
  }
  client.counts.wrongPasswords += 1;
  if (client.counts.wrongPasswords >= client.limits.maxWrongPasswords) throw goodbye("Too many wrong passwords");
  throw refusal;
}

async function challenge(client: Client, text: string): Promise<Buffer> {
  const answer = await readAnswer(client, text);
  if (answer === "*") throw new SmtpRefusal(501, "5.7.0", "The exchange was canceled");
  return decodeSaslBase64(answer === "" ? "=" : answer);
}

async function readAnswer({ channel }: Client, text: string): Promise<string> {
  channel.write(`334 ${Buffer.from(text).toString("base64")}\r\n`);
  const line = await channel.readLine(maxLine);
  if (!line) throw new ConnectionClosed("The client left in the middle of AUTH");
  return line.bytes.toString("latin1");
}
