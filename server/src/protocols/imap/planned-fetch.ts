import { setImmediate } from "node:timers/promises";
import { type MailboxView, openMailboxView } from "../../domain/mail/open-mailbox-view.ts";
import type { MessageColumns } from "../../domain/mail/read-message-columns.ts";
import { writeDateTime } from "../../formats/imap-syntax/dates.ts";
import type { FetchItem } from "../../formats/imap-syntax/parse-fetch.ts";
import { writeList } from "../../formats/imap-syntax/write-response.ts";
import { selectHeaderFields } from "../../formats/mime/headers.ts";
import type { FetchPlan } from "./fetch-plan.ts";
import { cutRange } from "./fetch-section.ts";
import { ResponseBuffer } from "./response-buffer.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Messages whose columns are in memory at once. */
const BATCH = 500;
/** The same for whole messages of up to 64 KiB each, and for headers. */
const BYTES_BATCH = 32;
const HEADERS_BATCH = 100;
/** Messages answered before others have a turn, when nothing is read in between: some milliseconds. */
const TURN = 5000;

/** What a planned FETCH left to do. */
export interface PlannedOutcome {
  /** How many do not exist any more. */
  readonly missing: number;
  /** UIDs that this way could not answer: their bytes are not in a row, or they are not seen yet. */
  readonly left: readonly number[];
}

/**
 * Answers a FETCH from columns: flags from the memory shared by all sessions, what never changes in one statement for hundreds of
 * messages, the next ones being read while these are written.
 * @returns undefined, and nothing sent, when the flags are the viewer's own and not the mailbox's
 */
export async function fetchPlanned(
  session: Session,
  selected: SelectedMailbox,
  plan: FetchPlan,
  uids: Uint32Array,
  marksSeen: boolean,
): Promise<PlannedOutcome | undefined> {
  const view = plan.needsView ? await openMailboxView(session.deps.mail, selected.access, selected.id) : undefined;
  if (plan.needsView && view === undefined) return undefined;
  const writer = new PlannedWriter(session, selected, plan, view);
  const left: number[] = [];
  let missing = 0;
  for await (const [batch, columns] of inColumns(session, selected, plan, uids)) {
    let row = 0;
    for (const uid of batch) {
      if (columns !== undefined) {
        while (row < columns.uids.length && columns.uids[row]! < uid) row += 1;
        if (columns.uids[row] !== uid) {
          missing += 1;
          continue;
        }
      }
      const place = view === undefined ? 0 : view.indexOf(uid);
      if (place === -1) missing += 1;
      else if ((marksSeen && !writer.isSeen(place)) || !writer.canWrite(columns, row)) left.push(uid);
      else writer.write(uid, place, columns, row);
      if (writer.isFull) await writer.send();
    }
    await writer.send();
  }
  return { missing, left };
}

/** Batches of uids with their columns, if there are any to read. */
async function* inColumns(
  session: Session,
  selected: SelectedMailbox,
  { columns, hasBytes }: FetchPlan,
  uids: Uint32Array,
): AsyncGenerator<[Uint32Array, MessageColumns | undefined]> {
  if (columns.size === 0) {
    for (let at = 0; at < uids.length; at += TURN) {
      if (at > 0) await setImmediate();
      yield [uids.subarray(at, at + TURN), undefined];
    }
    return;
  }
  const size = columns.has("bytes") ? BYTES_BATCH : hasBytes ? HEADERS_BATCH : BATCH;
  const read = (at: number): Promise<MessageColumns> | undefined => {
    if (at >= uids.length) return undefined;
    const reading = selected.readAhead.read(session, uids.subarray(at, at + size), columns);
    // Awaited later: a failure before then is told then.
    reading.catch(() => undefined);
    return reading;
  };
  let next = read(0);
  for (let at = 0; next !== undefined; at += size) {
    const current = await next;
    next = read(at + size);
    yield [uids.subarray(at, at + size), current];
  }
}

class PlannedWriter {
  readonly #session: Session;
  readonly #selected: SelectedMailbox;
  readonly #items: readonly FetchItem[];
  readonly #view: MailboxView | undefined;
  readonly #out: ResponseBuffer;
  readonly #tellsFlags: boolean;
  readonly #needsBytes: boolean;
  readonly #needsHeader: boolean;
  /** `FLAGS (…)` of each set of flags met. */
  readonly #written: string[] = [];
  /** The same with `\Recent`. */
  readonly #writtenRecent: string[] = [];
  readonly #seen: boolean[] = [];

  constructor(session: Session, selected: SelectedMailbox, plan: FetchPlan, view: MailboxView | undefined) {
    this.#session = session;
    this.#selected = selected;
    this.#items = plan.items;
    this.#view = view;
    this.#out = new ResponseBuffer(session.channel);
    this.#tellsFlags = plan.items.some(({ item }) => item === "FLAGS");
    this.#needsBytes = plan.columns.has("bytes");
    this.#needsHeader = plan.columns.has("header");
  }

  get isFull(): boolean {
    return this.#out.isFull;
  }

  async send(): Promise<void> {
    await this.#out.send();
  }

  isSeen(place: number): boolean {
    const set = this.#view!.flagSetAt(place);
    this.#seen[set] ??= this.#view!.flagsOf(set).includes("\\Seen");
    return this.#seen[set];
  }

  /** Whether the bytes that are asked for were read. */
  canWrite(columns: MessageColumns | undefined, row: number): boolean {
    if (this.#needsBytes && columns?.bytes[row] == null) return false;
    return !this.#needsHeader || columns?.header[row] != null;
  }

  write(uid: number, place: number, columns: MessageColumns | undefined, row: number): void {
    const sequence = this.#selected.uids.sequenceOf(uid);
    if (sequence === 0) return;
    const flags = this.#tellsFlags ? this.#flags(uid, place) : "";
    const out = this.#out;
    let text = `* ${sequence} FETCH (`;
    let isFirst = true;
    for (const item of this.#items) {
      if (!isFirst) text += " ";
      isFirst = false;
      switch (item.item) {
        case "UID":
          text += `UID ${uid}`;
          break;
        case "FLAGS":
          text += flags;
          break;
        case "MODSEQ":
          text += `MODSEQ (${this.#view!.modseqAt(place)})`;
          break;
        case "INTERNALDATE":
          text += `INTERNALDATE ${writeDateTime(new Date(columns!.receivedAt[row]! * 1000))}`;
          break;
        case "SAVEDATE":
          text += `SAVEDATE ${writeDateTime(new Date(columns!.saveDate[row]! * 1000))}`;
          break;
        case "RFC822.SIZE":
          text += `RFC822.SIZE ${columns!.size[row]}`;
          break;
        case "EMAILID":
          text += `EMAILID (${columns!.messageId[row]})`;
          break;
        case "THREADID":
          text += `THREADID (${columns!.threadId[row]})`;
          break;
        case "SECTION":
          text = this.#section(text, item, columns!, row);
          break;
        default:
          out.text(`${text}${item.item} `);
          out.bytes((item.item === "ENVELOPE" ? columns!.envelope : columns!.bodystructure)[row]!);
          text = "";
      }
    }
    out.text(`${text})\r\n`);
  }

  #section(text: string, item: FetchItem & { item: "SECTION" }, columns: MessageColumns, row: number): string {
    const { text: part, fields } = item.section;
    let bytes = (part === null ? columns.bytes : columns.header)[row]!;
    if (fields.length > 0) {
      bytes = selectHeaderFields(bytes, 0, bytes.length, fields, part === "HEADER.FIELDS.NOT");
    }
    const { start, end } = cutRange({ start: 0, end: bytes.length }, item.partial);
    this.#out.text(`${text}${item.label} {${end - start}}\r\n`);
    this.#out.bytes(bytes.subarray(start, end));
    return "";
  }

  #flags(uid: number, place: number): string {
    const set = this.#view!.flagSetAt(place);
    const isRecent = this.#selected.isRecent(this.#session, uid);
    const written = isRecent ? this.#writtenRecent : this.#written;
    const known = written[set];
    if (known !== undefined) return known;
    const flags = this.#view!.flagsOf(set);
    this.#out.text(this.#selected.announceKeywords(flags));
    written[set] = `FLAGS ${writeList(isRecent ? [...flags, "\\Recent"] : flags)}`;
    return written[set];
  }
}
