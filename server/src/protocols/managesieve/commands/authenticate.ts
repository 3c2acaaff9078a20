import { DomainError } from "../../../domain/errors.ts";
import { authenticateBearer } from "../../../domain/identity/authenticate-bearer.ts";
import { type AuthenticatedClient, authenticateClient } from "../../../domain/identity/authenticate-client.ts";
import { writeString } from "../../../formats/managesieve-syntax/write-string.ts";
import { ConnectionClosed } from "../../../net/socket-channel.ts";
import { type BearerMechanism, bearerError, readBearerMessage } from "../../shared/sasl-bearer.ts";
import { BadSaslMessage, decodeSaslBase64, readPlainMessage } from "../../shared/sasl-plain.ts";
import { mechanisms } from "../capability.ts";
import { type Command, requireArguments, textOf } from "../command.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";
import { signIn } from "../sign-in.ts";

/** RFC 5804 section 2.1. */
export const authenticate: Command = {
  state: "not-authenticated",
  async run(session, words) {
    requireArguments(words, 1, 2);
    const name = textOf(words[0]).toUpperCase();
    const mechanism = mechanisms.find((each) => each === name);
    if (!mechanism) throw new Refusal("This mechanism is not known");
    if (!session.mayLogIn) throw new Refusal("Use STARTTLS before signing in", "ENCRYPT-NEEDED");
    const message = decode(words[1] ? textOf(words[1]) : await ask(session, ""));
    await signIn(session, () =>
      mechanism === "PLAIN" ? plain(session, message) : bearer(session, mechanism, message),
    );
    return { text: "Signed in" };
  },
};

/** Sends a challenge and reads the answer, a string alone on its line. */
async function ask(session: Session, challenge: string): Promise<string> {
  await session.channel.write(`${writeString(challenge)}\r\n`);
  const event = await session.channel.read();
  if (event === null) throw new ConnectionClosed("The client left while it signed in");
  if (event.type !== "line" || event.words.length !== 1) throw new Refusal("The answer must be one string");
  const answer = textOf(event.words[0]);
  if (answer === "*") throw new Refusal("The sign-in was canceled");
  return answer;
}

function decode(text: string): Buffer {
  return read(() => decodeSaslBase64(text));
}

function read<T>(message: () => T): T {
  try {
    return message();
  } catch (error) {
    if (error instanceof BadSaslMessage) throw new Refusal(error.message);
    throw error;
  }
}

/** Whoever names another identity must have the right to open it with the same password. */
async function plain(session: Session, message: Buffer): Promise<AuthenticatedClient> {
  const { authorizationId, name, password } = read(() => readPlainMessage(message));
  const { remoteAddress } = session.channel;
  const enter = (login: string) =>
    authenticateClient(session.deps.identity, { login, secret: password, scope: "imap", remoteAddress });
  const own = await enter(name);
  if (authorizationId === "" || authorizationId.toLowerCase() === name.toLowerCase()) return own;
  return enter(authorizationId);
}

async function bearer(session: Session, mechanism: BearerMechanism, message: Buffer): Promise<AuthenticatedClient> {
  const { user, token } = read(() => readBearerMessage(mechanism, message));
  const { remoteAddress } = session.channel;
  try {
    return await authenticateBearer(session.deps.identity, { login: user, token, scope: "imap", remoteAddress });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "wrong_credentials") throw error;
    // Whatever the client answers to it, it is refused (RFC 7628 section 3.2.3).
    const challenge = Buffer.from(bearerError(mechanism, "imap", session.deps.settings.discovery)).toString("base64");
    await ask(session, challenge).catch((failure: unknown) => {
      if (!(failure instanceof Refusal)) throw failure;
    });
    throw error;
  }
}
