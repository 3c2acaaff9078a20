import { mayMarkSeen } from "../../../domain/access/mailbox-rights.ts";
import { expungeMessages } from "../../../domain/mail/expunge-messages.ts";
import { storeFlags } from "../../../domain/mail/store-flags.ts";
import type { Command } from "../command.ts";
import type { Session, Transaction } from "../session.ts";

/** Messages of one change: their feed is held as long as it runs. */
const BATCH = 1_000;

/** The UPDATE state (RFC 1939 section 6): what was marked is deleted, what was read is seen by other clients too. */
export const quit: Command = {
  state: "any",
  async run(session) {
    session.ended = true;
    const { transaction } = session;
    if (transaction === null) return "Goodbye";
    session.transaction = null;
    await update(session, transaction);
    return "Goodbye";
  },
};

async function update({ deps }: Session, { access, maildrop, deleted, retrieved }: Transaction): Promise<void> {
  const uidsOf = (indexes: Iterable<number>) =>
    Array.from(indexes, (index) => maildrop.uids[index]!).sort((a, b) => a - b);
  for (const uids of inBatches(uidsOf(deleted))) {
    const { uids: gone } = await expungeMessages(deps.mail, access, maildrop.mailboxId, uids);
    deps.metrics.deleted.add(gone.length);
  }
  if (!mayMarkSeen(access, maildrop.mailboxId)) return;
  for (const uids of inBatches(uidsOf([...retrieved].filter((index) => !deleted.has(index))))) {
    await storeFlags(deps.mail, access, maildrop.mailboxId, uids, { mode: "add", flags: ["\\Seen"] });
  }
}

function* inBatches(uids: readonly number[]): Generator<readonly number[]> {
  for (let from = 0; from < uids.length; from += BATCH) yield uids.slice(from, from + BATCH);
}
