import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { writeContinuation } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";

/** RFC 9051 section 6.3.13. Hints may be lost, so the mailbox is also read now and then. */
const REREAD_MS = 30_000;

export const idle: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    new Scanner(raw).end();
    session.channel.send(writeContinuation("idling"));
    session.idling = true;
    session.host.tellChanges();
    const every = Math.max(1, Math.round(session.deps.settings.idleKeepaliveMs / REREAD_MS));
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
      if (ticks % every === 0) session.host.keepAlive();
      session.host.tellChanges();
    }, REREAD_MS);
    const stop = () => {
      clearInterval(timer);
      session.idling = false;
    };
    session.onEnd(stop);
    return {
      waitForLine: async (line) => {
        stop();
        if (line.trim().toUpperCase() !== "DONE") throw new BadSyntax("IDLE ends with DONE.");
        return { text: "No longer idling." };
      },
    };
  },
};
