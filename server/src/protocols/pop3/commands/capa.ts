import type { Command } from "../command.ts";
import { writeLines } from "../write-lines.ts";
import { mechanisms } from "./auth.ts";

/** RFC 2449 section 5: each is announced because the whole of it works. */
export const capa: Command = {
  state: "any",
  async run(session) {
    const { channel, transaction, mayLogIn } = session;
    const names = ["TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER", "UTF8"];
    if (transaction === null) {
      if (!channel.secure) names.push("STLS");
      if (mayLogIn) names.push("USER", `SASL ${mechanisms.join(" ")}`);
    }
    names.push("IMPLEMENTATION Bouquet");
    await writeLines(channel, "What this server can do", names);
    return undefined;
  },
};
