import type { Command } from "../command.ts";

export const noop: Command = {
  state: "transaction",
  async run() {
    return "Still here";
  },
};

/** RFC 6856 section 2: what was delivered is sent as it came, so nothing changes but what the client may expect. */
export const utf8: Command = {
  state: "authorization",
  async run() {
    return "UTF-8 it is";
  },
};
