import type { Command } from "../command.ts";
import { remaining } from "../session.ts";

export const stat: Command = {
  state: "transaction",
  async run(_session, _argument, transaction) {
    let count = 0;
    let octets = 0;
    for (const index of remaining(transaction)) {
      count += 1;
      octets += transaction.maildrop.sizes[index]!;
    }
    return `${count} ${octets}`;
  },
};
