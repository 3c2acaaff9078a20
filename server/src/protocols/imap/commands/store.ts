import { storeFlags } from "../../../domain/mail/store-flags.ts";
import { parseStore } from "../../../formats/imap-syntax/parse-store.ts";
import { toRanges, writeRanges } from "../../../formats/imap-syntax/sequence-set.ts";
import type { Command } from "../command.ts";
import { inBatches } from "../in-batches.ts";
import { requireSelected, requireWritable } from "../require-selected.ts";

/** Messages changed in one transaction. */
const BATCH = 1000;

/** STORE and UID STORE: RFC 9051 section 6.4.6, conditional as in RFC 7162 section 3.1.3. */
export const store: Command = {
  state: "selected",
  updates: "never",
  mayTakeLong: true,
  async run(session, raw) {
    const { channel, deps } = session;
    const { set, mode, silent, flags, unchangedSince } = parseStore(raw);
    const inUids = raw.verb === "UID STORE";
    const selected = requireSelected(session);
    requireWritable(selected);
    if (unchangedSince !== null) session.enableCondstore();
    // A silent STORE is told of nothing: what others did to the same messages must still reach the client.
    const hasNews = silent ? await selected.findUntold(session) : () => false;
    const failed: number[] = [];
    const wanted = [...selected.resolve(session, set, inUids)];
    session.progress.done = 0;
    session.progress.total = wanted.length;
    for (const uids of inBatches(wanted, BATCH)) {
      const result = await storeFlags(
        deps.mail,
        selected.access,
        selected.id,
        uids,
        { mode, flags },
        unchangedSince === null ? {} : { unchangedSince },
      );
      for (const uid of result.failed) failed.push(uid);
      for (const message of result.updated) {
        const sequence = selected.uids.sequenceOf(message.uid);
        if (sequence === 0) continue;
        if (!silent) channel.send(selected.flagsResponse(session, message));
        else if (session.condstore) {
          channel.send(`* ${sequence} FETCH (UID ${message.uid} MODSEQ (${message.modseq}))\r\n`);
        }
        if (!hasNews(message.uid)) selected.noteTold(message.uid, message.modseq);
      }
      if (!silent) {
        for (const message of result.unchanged) {
          if (selected.uids.sequenceOf(message.uid) > 0) channel.send(selected.flagsResponse(session, message));
        }
      }
      session.progress.done += uids.length;
      await channel.flushSome();
    }
    // A modseq just told may hide departures that came before it: a client that resumes from it would miss them.
    if (session.condstore) selected.hinted = true;
    if (failed.length === 0) return { text: "Stored." };
    const numbers = inUids ? failed : failed.map((uid) => selected.uids.sequenceOf(uid)).filter((number) => number > 0);
    const modified = writeRanges(toRanges(numbers.toSorted((a, b) => a - b)));
    return { text: "Some messages were changed meanwhile.", code: `MODIFIED ${modified}` };
  },
};

export const uidStore: Command = { ...store, updates: "when-hinted" };
