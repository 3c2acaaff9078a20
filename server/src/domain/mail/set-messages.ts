import type { Transactor } from "../../store/database.ts";
import { takeModseq } from "../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../store/mail/lock-mail-feed.ts";
import { selectByMessages } from "../../store/mail/mailbox-message-rows.ts";
import { selectMailboxes } from "../../store/mail/mailbox-rows.ts";
import { isUuid } from "../../store/uuid.ts";
import { type AccountAccess, requireRead } from "../access/account-access.ts";
import { flagsAllowed, requireMailboxRight } from "../access/mailbox-rights.ts";
import { seenBy } from "../access/seen-by.ts";
import { DomainError } from "../errors.ts";
import { insertCopies } from "./copy-messages.ts";
import { changeFlags, type FlagChange, messageFlags, normalizeFlags, sharedFlags } from "./flags.ts";
import { mailboxMessageFromRow } from "./mailbox-from-row.ts";
import type { MailboxMessage, MailDeps } from "./model.ts";
import { moveCopies } from "./move-messages.ts";
import { removeCopies } from "./remove-copies.ts";
import { noteSorted } from "./screening/note-sorted.ts";
import { type ChangedCopy, typesMoved, writeFlags } from "./store-flags.ts";

export interface MessageChange {
  messageId: string;
  /** The mailboxes it is in afterwards, all of them: at least one. */
  mailboxIds?: readonly string[];
  /** Of every copy. */
  flags?: { add?: Iterable<string>; remove?: Iterable<string> } | { replace: Iterable<string> };
}

interface Plan {
  flags: ChangedCopy[];
  /** By target mailbox. */
  moves: Map<string, MailboxMessage[]>;
  additions: Map<string, MailboxMessage[]>;
  removals: MailboxMessage[];
}

/**
 * Changes flags and mailboxes of messages, as JMAP's Email/set update does, in one transaction. A message that goes from one mailbox
 * to another is moved; leaving a mailbox while staying in others is not a deletion. Changes that are refused do not hold back the
 * others.
 * @returns by message id, null when done: `forbidden`, `not_found` (message, mailbox), `invalid` (flags, no mailbox)
 * @throws DomainError `not_found` for an account that the viewer may not read
 */
export async function setMessages(
  deps: MailDeps,
  access: AccountAccess,
  changes: readonly MessageChange[],
): Promise<Map<string, DomainError | null>> {
  requireRead(access);
  return deps.store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    const mailboxIds = new Set((await selectMailboxes(tx, access)).map((each) => each.id));
    const ids = changes.map((each) => each.messageId).filter(isUuid);
    const copiesOf = new Map<string, MailboxMessage[]>();
    for (const row of await selectByMessages(tx, access, ids, seenBy(access))) {
      copiesOf.set(row.message_id, [...(copiesOf.get(row.message_id) ?? []), mailboxMessageFromRow(row)]);
    }
    const plan: Plan = { flags: [], moves: new Map(), additions: new Map(), removals: [] };
    const results = new Map<string, DomainError | null>();
    // Each message once: two changes of one would be planned on the same copies.
    for (const change of changes) {
      try {
        if (results.has(change.messageId)) throw new Error(`Message ${change.messageId} is changed twice`);
        planChange(plan, access, copiesOf.get(change.messageId), mailboxIds, change);
        results.set(change.messageId, null);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        results.set(change.messageId, error);
      }
    }
    await carryOut(tx, access, plan);
    return results;
  });
}

/** One message; see `setMessages`. @throws DomainError `forbidden`, `not_found`, `invalid` */
export async function setMessage(
  deps: MailDeps,
  access: AccountAccess,
  messageId: string,
  change: Omit<MessageChange, "messageId">,
): Promise<void> {
  const error = (await setMessages(deps, access, [{ ...change, messageId }])).get(messageId);
  if (error) throw error;
}

function planChange(
  plan: Plan,
  access: AccountAccess,
  copies: MailboxMessage[] | undefined,
  mailboxIds: ReadonlySet<string>,
  change: MessageChange,
): void {
  if (!copies) throw new DomainError("not_found", "There is no such message");
  const flagChange = normalizedChange(change.flags);
  const wanted = change.mailboxIds && new Set(change.mailboxIds);
  if (wanted?.size === 0) throw new DomainError("invalid", "A message is in at least one mailbox");
  for (const id of wanted ?? []) {
    if (!mailboxIds.has(id))
      throw new DomainError("not_found", "There is no such mailbox", { data: { mailboxId: id } });
  }
  // The same flags on all copies: a patch is made on the message's flags, as the client saw them.
  const current = messageFlags(copies);
  const next = flagChange ? changeFlags(current, flagChange) : current;
  const present = new Set(copies.map((copy) => copy.mailboxId));
  const leaving = wanted ? copies.filter((copy) => !wanted.has(copy.mailboxId)) : [];
  const arriving = [...(wanted ?? [])].filter((id) => !present.has(id));
  for (const copy of leaving) requireMailboxRight(access, copy.mailboxId, "delete");
  for (const id of arriving) requireMailboxRight(access, id, "write");
  for (const copy of copies) {
    const moved = flagChange ? copyMoves(copy.flags, copyChange(flagChange, current, next)) : [];
    if (flagsAllowed(access, copy.mailboxId, moved).length < moved.length) {
      throw new DomainError("forbidden", "You may not change these flags here");
    }
  }
  for (const copy of copies) {
    const flags = flagChange ? changeFlags(copy.flags, copyChange(flagChange, current, next)) : copy.flags;
    if (flags !== copy.flags) plan.flags.push({ ...copy, before: copy.flags, flags });
    copy.flags = flags;
  }
  for (const mailboxId of arriving) {
    const moving = leaving.shift();
    if (moving) addTo(plan.moves, mailboxId, moving);
    else addTo(plan.additions, mailboxId, { ...copies[0]!, flags: sharedFlags({ ...copies[0]!, flags: next }) });
  }
  plan.removals.push(...leaving);
}

/** Flags that come or go. */
function copyMoves(before: string[], change: FlagChange): string[] {
  const after = changeFlags(before, change);
  return [...new Set(before).symmetricDifference(new Set(after))];
}

/** What a copy has beyond the message stays, and `\Deleted`, which is between IMAP clients. */
function copyChange(change: FlagChange, current: readonly string[], next: readonly string[]): FlagChange {
  if (change.mode !== "replace") return change;
  return {
    mode: "patch",
    add: next,
    remove: current.filter((flag) => flag !== "\\Deleted" && !next.includes(flag)),
  };
}

function normalizedChange(flags: MessageChange["flags"]): FlagChange | undefined {
  if (!flags) return undefined;
  if ("replace" in flags) return { mode: "replace", flags: normalizeFlags(flags.replace) };
  return { mode: "patch", add: normalizeFlags(flags.add ?? []), remove: normalizeFlags(flags.remove ?? []) };
}

function addTo(map: Map<string, MailboxMessage[]>, mailboxId: string, copy: MailboxMessage): void {
  map.set(mailboxId, [...(map.get(mailboxId) ?? []), copy]);
}

async function carryOut(tx: Transactor, access: AccountAccess, plan: Plan): Promise<void> {
  if (plan.flags.length + plan.moves.size + plan.additions.size + plan.removals.length === 0) return;
  const flagsOnly = plan.moves.size + plan.additions.size + plan.removals.length === 0;
  const modseq = await takeModseq(tx, access, "mail", flagsOnly ? typesMoved(plan.flags) : ["Email", "Mailbox"]);
  if (plan.flags.length > 0) await writeFlags(tx, access, modseq, plan.flags, seenBy(access));
  for (const [mailboxId, copies] of plan.moves) await moveCopies(tx, access, modseq, copies, mailboxId);
  for (const [mailboxId, copies] of plan.additions) {
    const rows = copies.map((copy) => ({
      message_id: copy.messageId,
      thread_id: copy.threadId,
      received_at: copy.receivedAt,
      size: copy.size,
      flags: copy.flags,
    }));
    await insertCopies(tx, access, modseq, rows, mailboxId);
    await noteSorted(
      tx,
      access,
      copies.map((copy) => ({ messageId: copy.messageId, fromMailboxId: copy.mailboxId })),
      mailboxId,
    );
  }
  await removeCopies(tx, access, modseq, plan.removals, { recoverable: false });
}
