import type { AccountAccess } from "../../domain/access/account-access.ts";
import { watchAccounts } from "../../domain/changes/watch-accounts.ts";
import { DomainError } from "../../domain/errors.ts";
import { claimRecent, unclaimedRecent } from "../../domain/mail/claim-recent.ts";
import type { Mailbox, MailboxMessage } from "../../domain/mail/model.ts";
import { readMailboxChanges } from "../../domain/mail/read-mailbox-changes.ts";
import { BadSyntax } from "../../formats/imap-syntax/bad-syntax.ts";
import {
  includesNumber,
  type NumberRange,
  resolveRanges,
  type SequenceSet,
  STAR,
  toRanges,
  writeRanges,
} from "../../formats/imap-syntax/sequence-set.ts";
import { writeList, writeUntagged } from "../../formats/imap-syntax/write-response.ts";
import type { ClientChannel } from "./client-channel.ts";
import type { ImapDeps } from "./imap-deps.ts";
import { ReadAhead } from "./read-ahead.ts";
import { RecentUids } from "./recent-uids.ts";
import { UidMap } from "./uid-map.ts";

const CHANGES_PAGE = 1000;

/** The selected mailbox was deleted, or is not shared any more. */
export class MailboxGone extends Error {
  override readonly name = "MailboxGone";
}

export interface Selection {
  readonly access: AccountAccess;
  readonly mailbox: Mailbox;
  /** Ascending. */
  readonly uids: ArrayLike<number>;
  readonly keywords: readonly string[];
  readonly readOnly: boolean;
  /** UIDs that are `\Recent` for this client, of those below the mailbox's `uidnext`. */
  readonly recent: NumberRange | undefined;
}

/** What of the changes in a mailbox may be told. */
export interface TellingScope {
  readonly expunges: boolean;
  readonly flags: boolean;
}

/** What the view needs of the session that it belongs to. */
export interface ViewingSession {
  readonly channel: Pick<ClientChannel, "send" | "flushSome">;
  readonly deps: Pick<ImapDeps, "mail">;
  readonly host: { tellChanges(): void };
  /** Whether changes of the selected mailbox are told as soon as they are known: in IDLE, or as NOTIFY asked. */
  readonly tellsAtOnce: boolean;
  readonly rev2: boolean;
  readonly condstore: boolean;
  readonly qresync: boolean;
  readonly savedSearch: readonly NumberRange[];
}

/**
 * What a client knows of the mailbox it has selected. The view moves only when the client is told, in `tellChanges`; until then
 * sequence numbers mean what they meant.
 */
export class SelectedMailbox {
  /** As of the last command: see `Session.refreshAccess`. */
  access: AccountAccess;
  /** Of the AccessWatch that `access` comes from; -1 makes the next command look. */
  accessGeneration = -1;
  readonly id: string;
  readonly uidvalidity: number;
  readonly readOnly: boolean;
  readonly uids: UidMap;
  readonly readAhead: ReadAhead;
  /** True when something may have changed that the client was not told. */
  hinted = false;
  #modseq: number;
  #keywords: Set<string>;
  /** Modseq of flags that the client got in answer to its own command, by UID: not to be told twice. */
  readonly #told = new Map<number, number>();
  readonly #recent = new RecentUids();
  /** As last told by RECENT. */
  #recentTold = 0;
  readonly #stopWatching: () => void;

  constructor(session: ViewingSession, selection: Selection) {
    this.access = selection.access;
    this.id = selection.mailbox.id;
    this.uidvalidity = selection.mailbox.uidvalidity;
    this.readOnly = selection.readOnly;
    this.uids = new UidMap(selection.uids);
    this.readAhead = new ReadAhead(this.access, this.id, this.uids);
    this.#modseq = selection.mailbox.highestModseq;
    this.#keywords = new Set(selection.keywords);
    this.#recent.settle(selection.mailbox.uidnext - 1, selection.recent);
    this.#stopWatching = watchAccounts(session.deps.mail.store.hints, [selection.access.accountId], () => {
      this.hinted = true;
      if (session.tellsAtOnce) session.host.tellChanges();
    });
  }

  /** Everything up to this modseq was told: HIGHESTMODSEQ. */
  get modseq(): number {
    return this.#modseq;
  }

  close(): void {
    this.readAhead.forget();
    this.#stopWatching();
  }

  /**
   * UIDs of a set given in sequence numbers or in UIDs, in ascending order, as the client sees them.
   * @throws BadSyntax for a sequence number beyond the mailbox (RFC 9051 section 9)
   */
  resolve(session: ViewingSession, set: SequenceSet, inUids: boolean): Iterable<number> {
    if (set.kind === "saved") return this.uids.uidsOfUids(session.savedSearch);
    const ranges = this.#rangesOf(set.ranges, inUids);
    return inUids ? this.uids.uidsOfUids(ranges) : this.uids.uidsOfSequences(ranges);
  }

  /** The same, all at once. */
  collect(session: ViewingSession, set: SequenceSet, inUids: boolean): Uint32Array {
    if (set.kind === "saved") return this.uids.collect(session.savedSearch, true);
    return this.uids.collect(this.#rangesOf(set.ranges, inUids), inUids);
  }

  #rangesOf(ranges: readonly NumberRange[], inUids: boolean): NumberRange[] {
    if (inUids) return resolveRanges(ranges, this.uids.lastUid);
    const { size } = this.uids;
    const isBeyond = (number: number) => number !== STAR && number > size;
    if (ranges.some(({ from, to }) => isBeyond(from) || isBeyond(to))) {
      throw new BadSyntax(`The mailbox has only ${size} messages.`);
    }
    return resolveRanges(ranges, size);
  }

  /** Ranges of UIDs that a set covers, without walking through the messages where that is possible. */
  resolveRanges(session: ViewingSession, set: SequenceSet, inUids: boolean): readonly NumberRange[] {
    if (set.kind === "saved") return session.savedSearch;
    if (inUids) return resolveRanges(set.ranges, this.uids.lastUid);
    // RFC 9051 leaves a search free to name numbers that are not there.
    return toRanges(this.uids.uidsOfSequences(resolveRanges(set.ranges, this.uids.size)));
  }

  /** UIDs that are `\Recent` for this client: none in IMAP4rev2. */
  recentRanges(session: ViewingSession): readonly NumberRange[] {
    return session.rev2 ? [] : this.#recent.ranges;
  }

  /** How many messages are `\Recent` for this client, and up to which UID that is settled. */
  countRecent(session: ViewingSession): { count: number; throughUid: number } {
    return { count: this.uids.countIn(this.recentRanges(session)), throughUid: this.#recent.reach };
  }

  isRecent(session: ViewingSession, uid: number): boolean {
    return !this.#recent.isEmpty && includesNumber(this.recentRanges(session), uid);
  }

  /** The flags of a message as this client sees them: with `\Recent`, which is no flag of the message. */
  flagsOf(session: ViewingSession, { uid, flags }: Pick<MailboxMessage, "uid" | "flags">): readonly string[] {
    return this.isRecent(session, uid) ? [...flags, "\\Recent"] : flags;
  }

  /** The RECENT response (RFC 3501 section 7.3.2); empty in IMAP4rev2, or if nothing is new in it for the client. */
  recentLine(session: ViewingSession, onlyIfChanged = false): string {
    if (session.rev2) return "";
    const { count } = this.countRecent(session);
    if (onlyIfChanged && count === this.#recentTold) return "";
    this.#recentTold = count;
    return writeUntagged(`${count} RECENT`);
  }

  /** Notes that the client was just told of these flags. */
  noteTold(uid: number, modseq: number): void {
    this.#told.set(uid, modseq);
  }

  /** Which messages others have changed without the client being told. Nothing is read unless something was heard of. */
  async findUntold(session: ViewingSession): Promise<(uid: number) => boolean> {
    if (!this.hinted) return () => false;
    try {
      const { store } = session.deps.mail;
      const options = { limit: CHANGES_PAGE };
      const { changed, hasMore } = await readMailboxChanges(store.read, this.access, this.id, this.#modseq, options);
      const untold = changed.filter(({ uid, modseq }) => this.#told.get(uid) !== modseq);
      const uids = new Set(untold.map(({ uid }) => uid));
      return (uid) => hasMore || uids.has(uid);
    } catch (error) {
      if (error instanceof DomainError) return () => true;
      throw error;
    }
  }

  /** A FETCH response with the flags of a message; the keywords it brings are announced first. */
  flagsResponse(session: ViewingSession, message: Pick<MailboxMessage, "uid" | "flags" | "modseq">): string {
    const sequence = this.uids.sequenceOf(message.uid);
    const modseq = session.condstore ? ` MODSEQ (${message.modseq})` : "";
    const flags = writeList(this.flagsOf(session, message));
    return `${this.announceKeywords(message.flags)}* ${sequence} FETCH (UID ${message.uid} FLAGS ${flags}${modseq})\r\n`;
  }

  /** A FLAGS response if there is a keyword that the client has not seen in this mailbox (RFC 9051 section 7.3.5). */
  announceKeywords(flags: readonly string[]): string {
    const known = this.#keywords.size;
    for (const flag of flags) if (!flag.startsWith("\\")) this.#keywords.add(flag);
    return this.#keywords.size === known ? "" : this.flagsLine();
  }

  flagsLine(): string {
    return writeUntagged(`FLAGS ${writeList([...SYSTEM_FLAGS, ...this.#keywords])}`);
  }

  /**
   * Reads what changed since the client was last told and tells it: removed, then new, then changed flags.
   * @param scope what may be told now: removed messages that are held back are told by a later call
   * @returns UIDs of new messages
   * @throws MailboxGone
   */
  async tellChanges(session: ViewingSession, scope: TellingScope = { expunges: true, flags: true }): Promise<number[]> {
    this.hinted = false;
    const arrived: number[] = [];
    let heldBack = false;
    const { store } = session.deps.mail;
    let afterUid = 0;
    let reached = this.#modseq;
    try {
      for (let first = true; ; first = false) {
        const page = await readMailboxChanges(store.read, this.access, this.id, this.#modseq, {
          afterUid,
          limit: CHANGES_PAGE,
        });
        // What changes while pages are read is told the next time.
        if (first) reached = page.mailbox.highestModseq;
        if (first && scope.expunges) this.#tellVanished(session, page.vanished);
        else if (first) heldBack = page.vanished.some((uid) => this.uids.sequenceOf(uid) > 0);
        const last = page.changed.at(-1);
        await this.#settleRecent(session, page.mailbox, last?.uid ?? 0);
        arrived.push(...this.#tellChanged(session, page.changed, scope.flags));
        if (heldBack) for (const { uid, modseq } of page.changed) this.#told.set(uid, modseq);
        await session.channel.flushSome();
        if (!page.hasMore || last === undefined) break;
        afterUid = last.uid;
      }
    } catch (error) {
      this.hinted = true;
      // The departures since then are forgotten: the client has to select again.
      const lost = error instanceof DomainError && ["not_found", "cannot_calculate_changes"].includes(error.code);
      throw lost ? new MailboxGone("The mailbox is gone.", { cause: error }) : error;
    }
    if (heldBack) this.hinted = true;
    else {
      this.#modseq = Math.max(this.#modseq, reached);
      this.#told.clear();
    }
    return arrived;
  }

  /** Finds out, before they are told, which of the messages up to a UID are `\Recent` here. */
  async #settleRecent(session: ViewingSession, mailbox: Mailbox, throughUid: number): Promise<void> {
    if (session.rev2 || throughUid <= this.#recent.reach) return;
    const recent = this.readOnly
      ? unclaimedRecent(mailbox, throughUid)
      : await claimRecent(session.deps.mail, this.access, mailbox, throughUid);
    this.#recent.settle(throughUid, recent);
  }

  #tellVanished(session: ViewingSession, vanished: readonly number[]): void {
    const known = vanished.filter((uid) => this.uids.sequenceOf(uid) > 0);
    const sequences = this.uids.remove(known);
    if (sequences.length === 0) return;
    if (session.qresync) session.channel.send(writeUntagged(`VANISHED ${writeRanges(toRanges(known))}`));
    else session.channel.send(sequences.map((sequence) => writeUntagged(`${sequence} EXPUNGE`)).join(""));
  }

  #tellChanged(session: ViewingSession, changed: readonly MailboxMessage[], flags: boolean): number[] {
    const arrived: number[] = [];
    const updates: MailboxMessage[] = [];
    for (const message of changed) {
      if (this.uids.append(message.uid)) {
        arrived.push(message.uid);
        continue;
      }
      const isKnown = this.uids.sequenceOf(message.uid) > 0;
      if (isKnown && this.#told.get(message.uid) !== message.modseq) updates.push(message);
    }
    if (arrived.length > 0) session.channel.send(writeUntagged(`${this.uids.size} EXISTS`));
    session.channel.send(this.recentLine(session, arrived.length === 0));
    if (flags) for (const message of updates) session.channel.send(this.flagsResponse(session, message));
    return arrived;
  }
}

export const SYSTEM_FLAGS = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"];
