import { DomainError } from "../../../domain/errors.ts";
import { authenticateBearer } from "../../../domain/identity/authenticate-bearer.ts";
import type { AuthenticatedClient } from "../../../domain/identity/authenticate-client.ts";
import { type BearerMechanism, bearerError, readBearerMessage } from "../../shared/sasl-bearer.ts";
import { BadSaslMessage, decodeSaslBase64, readPlainMessage } from "../../shared/sasl-plain.ts";
import type { Command } from "../command.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";
import { requirePrivacy, signIn, signInByPassword } from "../sign-in.ts";
import { writeLines } from "../write-lines.ts";

/** LOGIN was never more than a draft, but old programs know nothing else. */
export const mechanisms = ["PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2"] as const;

/** SASL (RFC 5034). */
export const auth: Command = {
  state: "authorization",
  async run(session, argument) {
    if (argument === "") {
      // How Outlook asked for the mechanisms before CAPA had them.
      await writeLines(session.channel, "Mechanisms follow", session.mayLogIn ? mechanisms : []);
      return undefined;
    }
    const [name = "", initial, ...more] = argument.split(/ +/);
    if (more.length > 0) throw new Refusal("AUTH takes a mechanism and an initial response");
    const mechanism = mechanisms.find((each) => each === name.toUpperCase());
    if (!mechanism) throw new Refusal("This mechanism is not known");
    requirePrivacy(session);
    try {
      const first = initial === undefined ? undefined : decodeSaslBase64(initial);
      switch (mechanism) {
        case "PLAIN":
          return await plain(session, first ?? (await challenge(session, "")));
        case "LOGIN": {
          const login = (first ?? (await challenge(session, "Username:"))).toString("utf8");
          return await signInByPassword(session, login, (await challenge(session, "Password:")).toString("utf8"));
        }
        case "OAUTHBEARER":
        case "XOAUTH2": {
          const message = first ?? (await challenge(session, ""));
          return await signIn(session, () => bearer(session, mechanism, message));
        }
      }
    } catch (error) {
      if (error instanceof BadSaslMessage) throw new Refusal(error.message);
      throw error;
    }
  },
};

async function plain(session: Session, message: Buffer): Promise<string> {
  const { authorizationId, name, password } = readPlainMessage(message);
  if (authorizationId !== "" && authorizationId.toLowerCase() !== name.toLowerCase()) {
    throw new Refusal("One cannot sign in as somebody else", "AUTH");
  }
  return signInByPassword(session, name, password);
}

async function bearer(session: Session, mechanism: BearerMechanism, message: Buffer): Promise<AuthenticatedClient> {
  const { user, token } = readBearerMessage(mechanism, message);
  const { deps, channel } = session;
  const { remoteAddress } = channel;
  try {
    return await authenticateBearer(deps.identity, { login: user, token, scope: "imap", remoteAddress });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "wrong_credentials") throw error;
    // Whatever the client answers to it, it is refused (RFC 7628 section 3.2.3).
    await ask(session, bearerError(mechanism, "imap", deps.settings.discovery));
    throw error;
  }
}

/** The client's response to a challenge; `*` gives up (RFC 5034 section 4). */
async function challenge(session: Session, text: string): Promise<Buffer> {
  const response = await ask(session, text);
  if (response === "*") throw new Refusal("The sign-in was canceled");
  return response === "" ? Buffer.alloc(0) : decodeSaslBase64(response);
}

async function ask({ channel }: Session, text: string): Promise<string> {
  await channel.write(`+ ${Buffer.from(text).toString("base64")}\r\n`);
  return (await channel.readLine()) ?? "*";
}
