import type { Command } from "../command.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";
import { requirePrivacy, signIn } from "../sign-in.ts";

/** SASL (RFC 5034). */
export const auth: Command = {
  state: "authorization",
  async run(session, argument) {
    const [mechanism = "", initial, ...more] = argument.split(/ +/);
    if (more.length > 0) throw new Refusal("AUTH takes a mechanism and an initial response");
    requirePrivacy(session);
    switch (mechanism.toUpperCase()) {
      case "PLAIN": {
        const [authorizationId, name, password, ...rest] = (await respond(session, initial, "")).split("\0");
        if (!name || !password || rest.length > 0) throw new Refusal("The credentials are not those of SASL PLAIN");
        if (authorizationId && authorizationId.toLowerCase() !== name.toLowerCase()) {
          throw new Refusal("One cannot sign in as somebody else", "AUTH");
        }
        return signIn(session, name, password);
      }
      case "LOGIN": {
        const name = await respond(session, initial, "Username:");
        return signIn(session, name, await respond(session, undefined, "Password:"));
      }
      default:
        throw new Refusal("This mechanism is not known");
    }
  },
};

/** The client's response, decoded; `=` is an empty initial response, `*` gives up. */
async function respond({ channel }: Session, initial: string | undefined, challenge: string): Promise<string> {
  let response = initial;
  if (response === undefined) {
    await channel.write(`+ ${Buffer.from(challenge).toString("base64")}\r\n`);
    response = (await channel.readLine()) ?? "*";
  } else if (response === "=") response = "";
  if (response === "*") throw new Refusal("The sign-in was canceled");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(response)) throw new Refusal("The response is not base64");
  return Buffer.from(response, "base64").toString("utf8");
}
