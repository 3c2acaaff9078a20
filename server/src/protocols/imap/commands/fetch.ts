import { mayMarkSeen } from "../../../domain/access/mailbox-rights.ts";
import type { MailboxMessage } from "../../../domain/mail/model.ts";
import { readMailboxMessages } from "../../../domain/mail/read-mailbox-messages.ts";
import { storeFlags } from "../../../domain/mail/store-flags.ts";
import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { cutPage } from "../../../formats/imap-syntax/page-range.ts";
import { type FetchCommand, type FetchItem, parseFetch } from "../../../formats/imap-syntax/parse-fetch.ts";
import { resolveRanges } from "../../../formats/imap-syntax/sequence-set.ts";
import type { Command } from "../command.ts";
import { planFetch } from "../fetch-plan.ts";
import { FetchWriter } from "../fetch-writer.ts";
import { inBatches } from "../in-batches.ts";
import { fetchPlanned } from "../planned-fetch.ts";
import { Refusal } from "../refusal.ts";
import { requireSelected } from "../require-selected.ts";
import type { SelectedMailbox } from "../selected-mailbox.ts";
import type { Session } from "../session.ts";
import { readChangesSince, vanishedEarlier } from "../tell-missed-changes.ts";

const BATCH = 200;

/** FETCH and UID FETCH: RFC 9051 section 6.4.5. */
export const fetch: Command = {
  state: "selected",
  updates: "never",
  async run(session, raw) {
    const command = parseFetch(raw);
    const inUids = raw.verb === "UID FETCH";
    const selected = requireSelected(session);
    if (command.vanished && !session.qresync) throw new BadSyntax("QRESYNC has to be enabled first.");
    const items = completeItems(session, command, inUids);
    const named =
      command.changedSince === null
        ? selected.collect(session, command.set, inUids)
        : Uint32Array.from(await changedAmong(session, selected, command, inUids));
    const uids = command.page === null ? named : cutPage(named, command.page);
    const marksSeen =
      !selected.readOnly &&
      mayMarkSeen(selected.access, selected.id) &&
      items.some((item) => "peek" in item && !item.peek);
    const plan = planFetch(items, marksSeen);
    const planned = plan && (await fetchPlanned(session, selected, plan, uids, marksSeen));
    let missing = planned?.missing ?? 0;
    let marked = false;
    const writer = new FetchWriter(session, selected, items);
    for (const batch of inBatches(planned?.left ?? [...uids], BATCH)) {
      let messages = await readMailboxMessages(session.deps.mail.store.read, selected.access, selected.id, batch);
      missing += batch.length - messages.length;
      const unseen = marksSeen ? messages.filter(({ flags }) => !flags.includes("\\Seen")) : [];
      marked ||= unseen.length > 0;
      if (unseen.length > 0) messages = await markSeen(session, selected, messages, unseen);
      await writer.write(messages, new Set(unseen.map(({ uid }) => uid)));
    }
    if (marked && session.condstore) selected.hinted = true;
    // RFC 2180 section 4.1.2: the others were answered, these are gone and will be told of.
    if (missing > 0 && !inUids) throw new Refusal("Some of the messages are gone.", "EXPUNGEISSUED");
    return { text: "Fetched." };
  },
};

export const uidFetch: Command = { ...fetch, updates: "when-hinted" };

/** Items that are answered without being asked for: UID in UID FETCH, MODSEQ with CHANGEDSINCE. */
function completeItems(session: Session, command: FetchCommand, inUids: boolean): FetchItem[] {
  const items = [...command.items];
  const has = (name: string) => items.some(({ item }) => item === name);
  if (inUids && !has("UID")) items.unshift({ item: "UID" });
  if (command.changedSince !== null && !has("MODSEQ")) items.push({ item: "MODSEQ" });
  if (has("MODSEQ")) session.enableCondstore();
  return items;
}

/** UIDs of the set that changed since; tells what vanished on the way. */
async function changedAmong(
  session: Session,
  selected: SelectedMailbox,
  command: FetchCommand,
  inUids: boolean,
): Promise<number[]> {
  const wanted = new Set(selected.resolve(session, command.set, inUids));
  const changed: number[] = [];
  const known = command.set.kind === "ranges" ? resolveRanges(command.set.ranges, 0xffff_ffff) : session.savedSearch;
  for await (const page of readChangesSince(session, selected, command.changedSince ?? 0)) {
    if (command.vanished) {
      session.channel.send(vanishedEarlier(selected, page.vanished, known, selected.uids.lastUid + 1));
    }
    for (const { uid } of page.changed) if (wanted.has(uid)) changed.push(uid);
  }
  return changed;
}

/** Reading a body sets \Seen, in the messages as they are then answered. */
async function markSeen(
  session: Session,
  selected: SelectedMailbox,
  messages: readonly MailboxMessage[],
  unseen: readonly MailboxMessage[],
): Promise<MailboxMessage[]> {
  const change = { mode: "add", flags: ["\\Seen"] } as const;
  const uids = unseen.map(({ uid }) => uid);
  const { updated } = await storeFlags(session.deps.mail, selected.access, selected.id, uids, change);
  const byUid = new Map(updated.map((message) => [message.uid, message]));
  return messages.map((message) => byUid.get(message.uid) ?? message);
}
