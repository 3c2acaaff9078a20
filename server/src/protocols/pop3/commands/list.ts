import type { Command } from "../command.ts";
import { indexOf, remaining, type Transaction } from "../session.ts";
import { writeLines } from "../write-lines.ts";

/** LIST and UIDL differ in what stands beside the number (RFC 1939 sections 5 and 7). */
function listing(describe: (transaction: Transaction, index: number) => string | number): Command {
  return {
    state: "transaction",
    async run({ channel }, argument, transaction) {
      if (argument !== "") {
        const index = indexOf(transaction, argument);
        return `${index + 1} ${describe(transaction, index)}`;
      }
      function* lines() {
        for (const index of remaining(transaction)) yield `${index + 1} ${describe(transaction, index)}`;
      }
      await writeLines(channel, `${transaction.maildrop.uids.length - transaction.deleted.size} messages`, lines());
      return undefined;
    },
  };
}

export const list = listing(({ maildrop }, index) => maildrop.sizes[index]!);

/** Never used twice, also when the mailbox is made anew. */
export const uidl = listing(({ maildrop }, index) => `${maildrop.uidvalidity}.${maildrop.uids[index]}`);
