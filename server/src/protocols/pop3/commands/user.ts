import type { Command } from "../command.ts";
import { Refusal } from "../refusal.ts";
import { requirePrivacy, signInByPassword } from "../sign-in.ts";

/** RFC 1939 section 7. Says the same whether the name exists. */
export const user: Command = {
  state: "authorization",
  async run(session, argument) {
    requirePrivacy(session);
    if (argument === "") throw new Refusal("USER needs a name");
    session.userName = argument;
    return "Now the password";
  },
};

export const pass: Command = {
  state: "authorization",
  async run(session, argument) {
    const name = session.userName;
    session.userName = undefined;
    if (name === undefined) throw new Refusal("USER comes first");
    // The whole rest of the line: a password may contain spaces.
    return signInByPassword(session, name, argument);
  },
};
