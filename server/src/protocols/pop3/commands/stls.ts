import { ConnectionClosed } from "../../../net/socket-channel.ts";
import type { Command } from "../command.ts";
import { Refusal } from "../refusal.ts";

/** RFC 2595 section 4. */
export const stls: Command = {
  state: "authorization",
  async run(session) {
    const { channel } = session;
    if (channel.secure) throw new Refusal("This connection is under TLS already");
    await channel.write("+OK Begin TLS\r\n");
    await channel.startTls().catch((error: unknown) => {
      throw new ConnectionClosed("The TLS handshake failed", { cause: error });
    });
    session.userName = undefined;
    return undefined;
  },
};
