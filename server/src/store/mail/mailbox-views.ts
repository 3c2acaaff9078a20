import type { Reader, Store } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import { readNumbers } from "../packed-columns.ts";
import { prepare } from "../prepared.ts";
import { MailboxView } from "./mailbox-view.ts";

/** Memory of all views of a process; a mailbox of 100,000 messages takes 1.6 MB. */
const maxBytes = 48 * 1024 * 1024;
/** Of the objects around the arrays, so that many small mailboxes count too. */
const bytesOfOne = 2_000;

interface ViewRow {
  modseq: number;
  /** Of the feed, when something has happened. */
  oldest: number | null;
  uids: string | null;
  modseqs: string | null;
  /** Of each copy, separated by spaces. */
  flags: string | null;
  gone: string | null;
}

// One statement is one snapshot: what it answers is the mailbox at exactly its highest modseq.
const whole = prepare<ViewRow>(
  "mailbox_view_whole",
  `SELECT b.highest_modseq AS modseq, NULL::bigint AS oldest, l.uids, l.modseqs, l.flags, NULL::text AS gone
  FROM mailbox b, LATERAL (
    SELECT string_agg(s.uid::text, ',') AS uids, string_agg(s.modseq::text, ',') AS modseqs,
      string_agg(CASE s.flags WHEN '{}' THEN '' WHEN '{"\\\\Seen"}' THEN '\\Seen' ELSE array_to_string(s.flags, ' ') END, '"') AS flags
    FROM (
      SELECT c.uid, c.modseq, c.flags FROM mailbox_message c
      WHERE c.organization_id = $1::uuid AND c.mailbox_id = $3::uuid AND c.account_id = $2::uuid ORDER BY c.uid
    ) s
  ) l
  WHERE b.organization_id = $1::uuid AND b.id = $3::uuid AND b.account_id = $2::uuid AND b.deleted_at IS NULL`,
);

const since = prepare<ViewRow>(
  "mailbox_view_since",
  `SELECT b.highest_modseq AS modseq, l.uids, l.modseqs, l.flags, d.gone,
    CASE WHEN b.highest_modseq > $4::bigint THEN (
      SELECT f.oldest_modseq FROM feed f
      WHERE f.organization_id = $1::uuid AND f.account_id = $2::uuid AND f.area = 'mail'
    ) END AS oldest
  FROM mailbox b, LATERAL (
    SELECT string_agg(s.uid::text, ',') AS uids, string_agg(s.modseq::text, ',') AS modseqs,
      string_agg(array_to_string(s.flags, ' '), '"') AS flags
    FROM (
      SELECT c.uid, c.modseq, c.flags FROM mailbox_message c
      WHERE b.highest_modseq > $4::bigint AND c.organization_id = $1::uuid AND c.mailbox_id = $3::uuid
        AND c.account_id = $2::uuid AND c.modseq > $4::bigint ORDER BY c.uid
    ) s
  ) l, LATERAL (
    SELECT string_agg(x.uid::text, ',') AS gone FROM changes x
    WHERE b.highest_modseq > $4::bigint AND x.organization_id = $1::uuid AND x.collection_id = $3::uuid
      AND x.modseq > $4::bigint AND x.kind = 'message'
  ) d
  WHERE b.organization_id = $1::uuid AND b.id = $3::uuid AND b.account_id = $2::uuid AND b.deleted_at IS NULL`,
);

interface Entry {
  readonly view: MailboxView;
  /** The refresh that runs, and the one that has to come after it. */
  running: Promise<boolean> | undefined;
  next: Promise<boolean> | undefined;
}

/**
 * The views of the mailboxes that the sessions of this process read, kept exact by the feed: each use reads what has a higher modseq
 * than the view, and nothing when the mailbox did not move. The least recently used are forgotten.
 */
export class MailboxViews {
  readonly #reader: Reader;
  readonly #entries = new Map<string, Entry>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /**
   * The mailbox as it is after everything that was committed before the call. It is shared and moves with later calls, but only
   * while the caller awaits something.
   * @returns undefined when there is no such mailbox
   */
  async open(key: AccountKey, mailboxId: string): Promise<MailboxView | undefined> {
    const name = `${key.accountId} ${mailboxId}`;
    const entry: Entry = this.#entries.get(name) ?? { view: new MailboxView(), running: undefined, next: undefined };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    let isThere: boolean;
    try {
      isThere = await this.#refresh(entry, key, mailboxId);
    } catch (error) {
      this.#forget(name, entry);
      throw error;
    }
    if (!isThere) this.#forget(name, entry);
    else this.#evict();
    return isThere ? entry.view : undefined;
  }

  /** The view as it was last read, if it is here. */
  peek(key: AccountKey, mailboxId: string): MailboxView | undefined {
    const entry = this.#entries.get(`${key.accountId} ${mailboxId}`);
    return entry && entry.view.modseq > 0 ? entry.view : undefined;
  }

  /** A refresh that runs already may have begun before the caller's own commit: then another one follows, for all who wait. */
  #refresh(entry: Entry, key: AccountKey, mailboxId: string): Promise<boolean> {
    const start = (): Promise<boolean> => {
      entry.next = undefined;
      const work = this.#read(entry.view, key, mailboxId).finally(() => {
        if (entry.running === work) entry.running = undefined;
      });
      entry.running = work;
      return work;
    };
    if (entry.running === undefined) return start();
    entry.next ??= entry.running.then(start, start);
    return entry.next;
  }

  async #read(view: MailboxView, key: AccountKey, mailboxId: string): Promise<boolean> {
    const values = [key.organizationId, key.accountId, mailboxId];
    if (view.modseq > 0) {
      const from = view.modseq;
      const [row] = await since.execute(this.#reader, [...values, from]);
      if (!row) return false;
      // The departures since then may be forgotten already: then all is read again.
      if (row.oldest === null || from >= row.oldest - 1) {
        apply(view, row);
        return true;
      }
    }
    const [row] = await whole.execute(this.#reader, values);
    if (!row) return false;
    view.remove(view.uids());
    apply(view, row);
    return true;
  }

  #forget(name: string, entry: Entry): void {
    if (this.#entries.get(name) === entry) this.#entries.delete(name);
  }

  #evict(): void {
    let bytes = 0;
    for (const { view } of this.#entries.values()) bytes += view.bytes + bytesOfOne;
    for (const [name, { view, running }] of this.#entries) {
      if (bytes <= maxBytes || this.#entries.size === 1) return;
      if (running !== undefined) continue;
      this.#entries.delete(name);
      bytes -= view.bytes + bytesOfOne;
    }
  }
}

function apply(view: MailboxView, row: ViewRow): void {
  view.remove(readNumbers(row.gone));
  // A flag is an IMAP atom: it contains no quotation mark.
  const flags = row.flags?.split('"') ?? [];
  view.put(readNumbers(row.uids), readNumbers(row.modseqs), flags);
  view.modseq = row.modseq;
}

const views = new WeakMap<Store, MailboxViews>();

/** The views of a store: one for all that read it. */
export function mailboxViewsOf(store: Store): MailboxViews {
  const known = views.get(store) ?? new MailboxViews(store.read);
  views.set(store, known);
  return known;
}
