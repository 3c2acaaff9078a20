import type { Command } from "../command.ts";
import { Refusal } from "../refusal.ts";
import { sendMessage } from "../send-message.ts";
import { indexOf } from "../session.ts";

export const retr: Command = {
  state: "transaction",
  async run(session, argument, transaction) {
    const index = indexOf(transaction, argument);
    await sendMessage(session, transaction, index);
    transaction.retrieved.add(index);
    session.deps.metrics.retrieved.increase();
    return undefined;
  },
};

/** The header and the first lines of the body. */
export const top: Command = {
  state: "transaction",
  async run(session, argument, transaction) {
    const [number = "", lines = "", ...more] = argument.split(/ +/);
    if (!/^\d{1,9}$/.test(lines) || more.length > 0) throw new Refusal("TOP needs a message and a number of lines");
    await sendMessage(session, transaction, indexOf(transaction, number), Number(lines));
    return undefined;
  },
};
