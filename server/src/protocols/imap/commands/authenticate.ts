import { DomainError } from "../../../domain/errors.ts";
import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { parseAuthenticate, parseSaslResponse } from "../../../formats/imap-syntax/parse-authenticate.ts";
import { writeContinuation } from "../../../formats/imap-syntax/write-response.ts";
import { type BearerMechanism, bearerError, readBearerMessage } from "../../shared/sasl-bearer.ts";
import { BadSaslMessage, readPlainMessage } from "../../shared/sasl-plain.ts";
import { MECHANISMS } from "../capability.ts";
import type { Command, Outcome } from "../command.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";
import { requirePrivacy, signIn, signInByToken } from "../sign-in.ts";

export const authenticate: Command = {
  state: "not-authenticated",
  updates: "never",
  async run(session, raw) {
    const { mechanism: name, initialResponse } = parseAuthenticate(raw);
    const mechanism = MECHANISMS.find((each) => each === name);
    if (mechanism === undefined) throw new Refusal(`The mechanism ${name.slice(0, 40)} is not known.`, "CANNOT");
    requirePrivacy(session);
    const proceed = (response: Buffer): Promise<Outcome> => {
      switch (mechanism) {
        case "PLAIN":
          return plain(session, response);
        case "LOGIN":
          return loginName(session, response);
        case "XOAUTH2":
        case "OAUTHBEARER":
          return bearer(session, mechanism, response);
      }
    };
    if (initialResponse !== null) return proceed(initialResponse);
    return ask(session, mechanism === "LOGIN" ? "Username:" : "", proceed);
  },
};

async function ask(
  session: Session,
  challenge: string,
  answered: (response: Buffer) => Promise<Outcome>,
): Promise<Outcome> {
  session.channel.send(writeContinuation(Buffer.from(challenge).toString("base64")));
  return {
    waitForLine: async (line) => {
      const response = parseSaslResponse(line);
      if (response === null) throw new BadSyntax("The sign-in was canceled.");
      return answered(response);
    },
  };
}

async function plain(session: Session, response: Buffer): Promise<Outcome> {
  const { authorizationId, name, password } = read(() => readPlainMessage(response));
  if (authorizationId !== "" && authorizationId.toLowerCase() !== name.toLowerCase()) {
    throw new Refusal("One cannot sign in as somebody else.", "AUTHORIZATIONFAILED");
  }
  return signIn(session, name, password);
}

/** The LOGIN mechanism was never more than a draft, but old programs know nothing else. */
async function loginName(session: Session, response: Buffer): Promise<Outcome> {
  const name = response.toString("utf8");
  return ask(session, "Password:", (password) => signIn(session, name, password.toString("utf8")));
}

/** RFC 7628; XOAUTH2 is its older form. */
async function bearer(session: Session, mechanism: BearerMechanism, response: Buffer): Promise<Outcome> {
  const { user, token } = read(() => readBearerMessage(mechanism, response));
  try {
    return await signInByToken(session, user, token);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "wrong_credentials") throw error;
    const challenge = bearerError(mechanism, "imap", session.deps.settings.discovery);
    session.channel.send(writeContinuation(Buffer.from(challenge).toString("base64")));
    // Whatever the client answers to it, even a cancellation, it is refused (RFC 7628 section 3.2.3).
    return {
      waitForLine: async () => {
        throw error;
      },
    };
  }
}

function read<T>(message: () => T): T {
  try {
    return message();
  } catch (error) {
    if (error instanceof BadSaslMessage) throw new BadSyntax(error.message);
    throw error;
  }
}
