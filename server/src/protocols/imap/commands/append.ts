import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import type { Command } from "../command.ts";
import { RunningAppend } from "../running-append.ts";

/**
 * APPEND (RFC 9051 section 6.3.12; several messages: RFC 3502; put together from others: RFC 4469). Messages go to the store while they
 * arrive; this is only reached when nothing arrived: all is taken from other messages, or there is no message.
 */
export const append: Command = {
  state: "authenticated",
  updates: "always",
  mayTakeLong: true,
  async run(session, raw) {
    if (raw.segments.some(({ kind }) => kind === "streamed")) throw new BadSyntax("The message was not taken.");
    const running = await RunningAppend.begin(session, raw);
    return running.finish();
  },
};
