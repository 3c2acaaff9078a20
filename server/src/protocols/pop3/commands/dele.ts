import { requireRight } from "../../../domain/access/account-access.ts";
import type { Command } from "../command.ts";
import { indexOf } from "../session.ts";

/** Marks; what is marked goes at QUIT only (RFC 1939 section 6), and stays recoverable then. */
export const dele: Command = {
  state: "transaction",
  async run(_session, argument, transaction) {
    requireRight(transaction.access, "delete");
    const index = indexOf(transaction, argument);
    transaction.deleted.add(index);
    return `Message ${index + 1} will be deleted`;
  },
};

export const rset: Command = {
  state: "transaction",
  async run(_session, _argument, transaction) {
    transaction.deleted.clear();
    return `${transaction.maildrop.uids.length} messages`;
  },
};
