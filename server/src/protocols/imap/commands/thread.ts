import type { ThreadNode } from "../../../domain/mail/search/thread-by-references.ts";
import { threadMailbox } from "../../../domain/mail/thread-mailbox.ts";
import { parseThread } from "../../../formats/imap-syntax/parse-sort.ts";
import { writeThreads } from "../../../formats/imap-syntax/write-threads.ts";
import type { Command } from "../command.ts";
import { requireSelected } from "../require-selected.ts";
import { mentions, toDomainKey } from "../search-key.ts";

/** THREAD and UID THREAD: RFC 5256. */
export const thread: Command = {
  state: "selected",
  updates: "never",
  mayTakeLong: true,
  async run(session, raw) {
    const { algorithm, key } = parseThread(raw);
    const selected = requireSelected(session);
    if (mentions(key, "modseq")) session.enableCondstore();
    const domainKey = toDomainKey(session, selected, key);
    const threads = await threadMailbox(session.deps.mail, selected.access, selected.id, domainKey, algorithm);
    const inUids = raw.verb === "UID THREAD";
    // What the client does not know of yet is no more than a place in a thread for it.
    const numberOf = ({ uid }: ThreadNode) => {
      const sequence = selected.uids.sequenceOf(uid);
      return inUids && sequence > 0 ? uid : sequence;
    };
    session.channel.send(writeThreads(threads, numberOf));
    return { text: "Threaded." };
  },
};

export const uidThread: Command = { ...thread, updates: "when-hinted" };
