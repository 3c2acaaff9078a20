import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { writeContinuation } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";

/** RFC 9051 section 6.3.13. What changes is told by the session's host as it is heard of. */
export const idle: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    new Scanner(raw).end();
    session.channel.send(writeContinuation("idling"));
    session.idling = true;
    session.host.tellChanges();
    const timer = setInterval(() => session.host.keepAlive(), session.deps.settings.idleKeepaliveMs);
    const stop = () => {
      clearInterval(timer);
      session.idling = false;
    };
    const forget = session.onEnd(stop);
    return {
      waitForLine: async (line) => {
        stop();
        forget();
        if (line.trim().toUpperCase() !== "DONE") throw new BadSyntax("IDLE ends with DONE.");
        return { text: "No longer idling." };
      },
    };
  },
};
