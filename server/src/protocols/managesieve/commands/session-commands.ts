import { writeString } from "../../../formats/managesieve-syntax/write-string.ts";
import { writeCapabilities } from "../capability.ts";
import { type Command, requireArguments, textOf } from "../command.ts";
import { Refusal } from "../refusal.ts";

/** RFC 5804 section 2.4. */
export const capability: Command = {
  state: "any",
  async run(session, words) {
    requireArguments(words, 0);
    await session.channel.write(await writeCapabilities(session));
    return {};
  },
};

/** RFC 5804 section 2.2: capabilities are told again under TLS, without being asked. */
export const starttls: Command = {
  state: "not-authenticated",
  async run(session, words) {
    requireArguments(words, 0);
    const { channel } = session;
    if (channel.secure) throw new Refusal("TLS has begun already");
    return {
      text: "Begin TLS now",
      async afterwards() {
        await channel.startTls();
        await channel.write(`${await writeCapabilities(session)}OK "TLS is there"\r\n`);
      },
    };
  },
};

/** RFC 5804 section 2.13. */
export const noop: Command = {
  state: "any",
  async run(_session, words) {
    requireArguments(words, 0, 1);
    return { text: "Done", ...(words[0] && { code: `TAG ${writeString(textOf(words[0]))}` }) };
  },
};

/** RFC 5804 section 2.14.1. */
export const unauthenticate: Command = {
  state: "authenticated",
  async run(session, words) {
    requireArguments(words, 0);
    session.signOut();
    return { text: "Signed out" };
  },
};

/** RFC 5804 section 2.3. */
export const logout: Command = {
  state: "any",
  async run(session, words) {
    requireArguments(words, 0);
    session.ended = true;
    return { text: "Goodbye" };
  },
};
