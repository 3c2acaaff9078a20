import { DomainError } from "../../domain/errors.ts";
import type { MailboxMessage } from "../../domain/mail/model.ts";
import { readMailboxChanges } from "../../domain/mail/read-mailbox-changes.ts";
import { readMailboxMessages } from "../../domain/mail/read-mailbox-messages.ts";
import type { QresyncParameters } from "../../formats/imap-syntax/parse-select.ts";
import { includesNumber, type NumberRange, toRanges, writeRanges } from "../../formats/imap-syntax/sequence-set.ts";
import { writeUntagged } from "../../formats/imap-syntax/write-response.ts";
import { inBatches } from "./in-batches.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

const PAGE = 1000;

/**
 * Everything that left a mailbox and everything that changed in it since a modseq. When the feed does not reach back
 * that far, the departures are null and every message is looked at.
 */
export async function* readChangesSince(
  session: Session,
  selected: SelectedMailbox,
  since: number,
): AsyncGenerator<{ vanished: readonly number[] | null; changed: readonly MailboxMessage[] }> {
  const reader = session.deps.mail.store.read;
  let afterUid = 0;
  try {
    for (let first = true; ; first = false) {
      const page = await readMailboxChanges(reader, selected.access, selected.id, since, { afterUid, limit: PAGE });
      yield { vanished: first ? page.vanished : [], changed: page.changed };
      const last = page.changed.at(-1);
      if (!page.hasMore || last === undefined) return;
      afterUid = last.uid;
    }
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "cannot_calculate_changes") throw error;
  }
  yield { vanished: null, changed: [] };
  for (const uids of inBatches([...selected.uids], PAGE)) {
    const messages = await readMailboxMessages(reader, selected.access, selected.id, uids);
    yield { vanished: [], changed: messages.filter(({ modseq }) => modseq > since) };
  }
}

/** VANISHED (EARLIER) for the UIDs among `known` that are gone (RFC 7162 section 3.2.10.1); null departures mean all that are not there. */
export function vanishedEarlier(
  selected: SelectedMailbox,
  vanished: readonly number[] | null,
  known: readonly NumberRange[] | null,
  uidnext: number,
): string {
  const scope = known ?? [{ from: 1, to: Math.max(1, uidnext - 1) }];
  const gone = vanished === null ? gaps(selected, uidnext) : toRanges(vanished);
  const told = intersect(gone, scope);
  return told.length === 0 ? "" : writeUntagged(`VANISHED (EARLIER) ${writeRanges(told)}`);
}

/** Answers SELECT (QRESYNC …): what is gone, then the flags of what changed. */
export async function tellMissedChanges(
  session: Session,
  selected: SelectedMailbox,
  uidnext: number,
  { modseq, knownUids }: QresyncParameters,
): Promise<void> {
  for await (const { vanished, changed } of readChangesSince(session, selected, modseq)) {
    session.channel.send(vanishedEarlier(selected, vanished, knownUids, uidnext));
    for (const message of changed) {
      const isKnown = knownUids === null || includesNumber(knownUids, message.uid);
      if (isKnown && selected.uids.sequenceOf(message.uid) > 0) {
        session.channel.send(selected.flagsResponse(session, message));
      }
    }
    await session.channel.flushSome();
  }
}

/** UIDs below `uidnext` that are not in the mailbox. */
function gaps(selected: SelectedMailbox, uidnext: number): NumberRange[] {
  const ranges: NumberRange[] = [];
  let next = 1;
  for (const uid of selected.uids) {
    if (uid > next) ranges.push({ from: next, to: uid - 1 });
    next = uid + 1;
  }
  if (next < uidnext) ranges.push({ from: next, to: uidnext - 1 });
  return ranges;
}

function intersect(a: readonly NumberRange[], b: readonly NumberRange[]): NumberRange[] {
  const ranges: NumberRange[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i] as NumberRange, b[j] as NumberRange];
    const from = Math.max(x.from, y.from);
    const to = Math.min(x.to, y.to);
    if (from <= to) ranges.push({ from, to });
    if (x.to < y.to) i += 1;
    else j += 1;
  }
  return ranges;
}
