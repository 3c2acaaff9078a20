import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { parseAuthenticate, parseSaslResponse } from "../../../formats/imap-syntax/parse-authenticate.ts";
import { writeContinuation } from "../../../formats/imap-syntax/write-response.ts";
import type { Command, Outcome } from "../command.ts";
import { Refusal } from "../refusal.ts";
import { parsePlain } from "../sasl.ts";
import type { Session } from "../session.ts";
import { requirePrivacy, signIn } from "../sign-in.ts";

export const authenticate: Command = {
  state: "not-authenticated",
  updates: "never",
  async run(session, raw) {
    const { mechanism, initialResponse } = parseAuthenticate(raw);
    if (mechanism !== "PLAIN" && mechanism !== "LOGIN") {
      throw new Refusal(`The mechanism ${mechanism.slice(0, 40)} is not known.`, "CANNOT");
    }
    requirePrivacy(session);
    const proceed = mechanism === "PLAIN" ? plain : loginName;
    return initialResponse !== null
      ? proceed(session, initialResponse)
      : ask(session, mechanism === "PLAIN" ? "" : "Username:", (response) => proceed(session, response));
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
      if (response === null) throw new BadSyntax("The sign-in was cancelled.");
      return answered(response);
    },
  };
}

async function plain(session: Session, response: Buffer): Promise<Outcome> {
  const { authorizationId, name, password } = parsePlain(response);
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
