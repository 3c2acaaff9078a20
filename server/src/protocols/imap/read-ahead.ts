import type { AccountAccess } from "../../domain/access/account-access.ts";
import { type MessageColumn, type MessageColumns, readMessageColumns } from "../../domain/mail/read-message-columns.ts";
import type { ImapDeps } from "./imap-deps.ts";
import type { UidMap } from "./uid-map.ts";

/** Messages read beyond the one that was asked for: of up to 64 KiB each. */
const AHEAD = 16;
/** What was read and not asked for is forgotten after this. */
const FORGET_MS = 5_000;

interface Page {
  /** Ascending. */
  readonly uids: readonly number[];
  readonly signature: string;
  readonly columns: Promise<MessageColumns>;
}

/**
 * Reads what a client is about to ask for. Many fetch one message after the other, forwards or backwards: when it has asked for two
 * at the same distance from each other, the next ones come in one statement. Only what never changes is kept, and for seconds.
 */
export class ReadAhead {
  readonly #access: AccountAccess;
  readonly #mailboxId: string;
  readonly #known: UidMap;
  #lastSequence = 0;
  #step = 0;
  #pages: Page[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(access: AccountAccess, mailboxId: string, known: UidMap) {
    this.#access = access;
    this.#mailboxId = mailboxId;
    this.#known = known;
  }

  /** The columns of these messages; of one alone, maybe read before. */
  async read(
    session: { readonly deps: Pick<ImapDeps, "mail"> },
    uids: Uint32Array,
    columns: ReadonlySet<MessageColumn>,
  ): Promise<MessageColumns> {
    const { mail } = session.deps;
    const read = (wanted: ArrayLike<number>) =>
      readMessageColumns(mail, this.#access, this.#mailboxId, wanted, columns);
    if (uids.length !== 1) {
      this.forget();
      return read(uids);
    }
    const uid = uids[0]!;
    const sequence = this.#known.sequenceOf(uid);
    const step = sequence - this.#lastSequence;
    const isSteady = step !== 0 && step === this.#step;
    this.#step = step;
    this.#lastSequence = sequence;
    const signature = [...columns].join(" ");
    let page = this.#find(uid, signature);
    if (page === undefined) {
      this.forget();
      if (!isSteady) return read(uids);
      page = this.#readPage(sequence, step, signature, read);
    }
    if (page === undefined) return read(uids);
    // Half of the page was given out: the next one is fetched meanwhile.
    const last = this.#known.sequenceOf(step > 0 ? page.uids.at(-1)! : page.uids[0]!);
    if (isSteady && page === this.#pages.at(-1) && Math.abs(last - sequence) <= (Math.abs(step) * AHEAD) / 2) {
      this.#readPage(last + step, step, signature, read);
    }
    return pick(await page.columns, uid);
  }

  forget(): void {
    this.#pages = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #find(uid: number, signature: string): Page | undefined {
    const at = this.#pages.findIndex((page) => page.signature === signature && page.uids.includes(uid));
    if (at > 0) this.#pages.splice(0, at);
    return at === -1 ? undefined : this.#pages[0];
  }

  #readPage(
    sequence: number,
    step: number,
    signature: string,
    read: (uids: readonly number[]) => Promise<MessageColumns>,
  ): Page | undefined {
    const uids: number[] = [];
    for (let each = sequence; uids.length < AHEAD; each += step) {
      const uid = this.#known.uidOf(each);
      if (uid === 0) break;
      uids.push(uid);
    }
    if (uids.length === 0) return undefined;
    if (step < 0) uids.reverse();
    const page: Page = { uids, signature, columns: read(uids) };
    // A failure is told to who asks for one of these messages, if anybody does.
    page.columns.catch(() => undefined);
    this.#pages.push(page);
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.forget(), FORGET_MS);
      this.#timer.unref();
    } else this.#timer.refresh();
    return page;
  }
}

/** One row of a page; none when the message was gone. */
function pick(page: MessageColumns, uid: number): MessageColumns {
  const at = page.uids.indexOf(uid);
  const from = at === -1 ? page.uids.length : at;
  const to = at === -1 ? from : from + 1;
  return {
    uids: page.uids.slice(from, to),
    size: page.size.slice(from, to),
    receivedAt: page.receivedAt.slice(from, to),
    saveDate: page.saveDate.slice(from, to),
    messageId: page.messageId.slice(from, to),
    threadId: page.threadId.slice(from, to),
    envelope: page.envelope.slice(from, to),
    bodystructure: page.bodystructure.slice(from, to),
    header: page.header.slice(from, to),
    bytes: page.bytes.slice(from, to),
  };
}
