import type { MailboxMessage, MessageDetails } from "../../domain/mail/model.ts";
import { type DetailColumn, readMessageDetails, readMessageHeaders } from "../../domain/mail/read-message-details.ts";
import { writeDateTime } from "../../formats/imap-syntax/dates.ts";
import type { FetchItem, PlainFetchItem } from "../../formats/imap-syntax/parse-fetch.ts";
import { writeList, writeString } from "../../formats/imap-syntax/write-response.ts";
import { renderBody } from "../../formats/mime/bodystructure.ts";
import { writeBinary, writeBinarySize } from "./fetch-binary.ts";
import { type MessageSource, writeSection } from "./fetch-section.ts";
import { inBatches } from "./in-batches.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Messages whose details are in memory at once. */
const DETAILS_BATCH = 50;
/** RFC 8970 section 3.1: at most 200 characters. */
const PREVIEW_CHARACTERS = 200;

/** Writes the answers of one FETCH. */
export class FetchWriter {
  readonly #session: Session;
  readonly #selected: SelectedMailbox;
  readonly #items: readonly FetchItem[];
  readonly #columns: readonly DetailColumn[];
  readonly #wantsDetails: boolean;
  readonly #wantsHeaders: boolean;

  constructor(session: Session, selected: SelectedMailbox, items: readonly FetchItem[]) {
    this.#session = session;
    this.#selected = selected;
    this.#items = items;
    this.#columns = [...new Set(items.map(columnFor).filter((column) => column !== null))];
    // Bytes are found by the blob's id, which comes with the details of many messages in one query.
    this.#wantsDetails =
      this.#columns.length > 0 ||
      items.some(({ item }) => item === "PREVIEW" || item === "SECTION" || item === "BINARY");
    this.#wantsHeaders = items.some(isRootHeader);
  }

  /** @param seenNow UIDs whose flags this FETCH has changed: they are answered although not asked for */
  async write(messages: readonly MailboxMessage[], seenNow: ReadonlySet<number>): Promise<void> {
    const { channel, deps } = this.#session;
    const { access } = this.#selected;
    for (const batch of inBatches(messages, DETAILS_BATCH)) {
      const ids = batch.map(({ messageId }) => messageId);
      const details = this.#wantsDetails
        ? await readMessageDetails(deps.mail.store.read, access, ids, { with: this.#columns })
        : new Map<string, MessageDetails>();
      const headers = this.#wantsHeaders ? await readMessageHeaders(deps.mail, access, ids) : new Map<string, Buffer>();
      for (const message of batch) {
        const detail = details.get(message.messageId);
        // A message whose row went with its last copy in the meantime.
        if (this.#wantsDetails && detail === undefined) continue;
        const mark = channel.mark();
        try {
          await this.#writeMessage(message, detail, headers.get(message.messageId), seenNow.has(message.uid));
        } catch (error) {
          // Half a response cannot be ended: it is taken back, or the connection is given up.
          if (!channel.rollback(mark)) channel.destroy();
          throw error;
        }
        await channel.flushSome();
      }
    }
  }

  async #writeMessage(
    message: MailboxMessage,
    detail: MessageDetails | undefined,
    header: Buffer | undefined,
    seenNow: boolean,
  ): Promise<void> {
    const { channel } = this.#session;
    const sequence = this.#selected.uids.sequenceOf(message.uid);
    if (sequence === 0) return;
    const tellsFlags = seenNow || this.#items.some(({ item }) => item === "FLAGS");
    if (tellsFlags) channel.send(this.#selected.announceKeywords(message.flags));
    channel.send(`* ${sequence} FETCH (`);
    let separator = "";
    for (const item of this.#items) {
      channel.send(separator);
      separator = " ";
      await this.#writeItem(item, message, detail, header);
    }
    if (tellsFlags && !this.#items.some(({ item }) => item === "FLAGS")) {
      channel.send(`${separator}FLAGS ${writeList(this.#selected.flagsOf(this.#session, message))}`);
    }
    if (seenNow) {
      this.#selected.noteTold(message.uid, message.modseq);
      const told = this.#items.some(({ item }) => item === "MODSEQ");
      if (this.#session.condstore && !told) channel.send(` MODSEQ (${message.modseq})`);
    }
    channel.send(")\r\n");
  }

  async #writeItem(
    item: FetchItem,
    message: MailboxMessage,
    detail: MessageDetails | undefined,
    header: Buffer | undefined,
  ): Promise<void> {
    const { channel } = this.#session;
    switch (item.item) {
      case "SECTION":
        await writeSection(this.#session, item, this.#source(message, detail, header));
        return;
      case "BINARY":
        await writeBinary(this.#session, item, this.#source(message, detail, header));
        return;
      case "BINARY.SIZE":
        await writeBinarySize(this.#session, item, this.#source(message, detail, header));
        return;
      case "PREVIEW": {
        const preview = [...(detail?.preview ?? "")].slice(0, PREVIEW_CHARACTERS).join("");
        channel.send(`PREVIEW ${writeString(preview, this.#session.utf8)}`);
        return;
      }
      case "ENVELOPE":
        channel.send("ENVELOPE ");
        channel.sendBytes(known(detail?.imapEnvelope));
        return;
      case "BODYSTRUCTURE":
        channel.send("BODYSTRUCTURE ");
        channel.sendBytes(known(detail?.imapBodystructure));
        return;
      case "BODY":
        channel.send("BODY ");
        channel.sendBytes(renderBody(known(detail?.mime)));
        return;
      case "FLAGS":
        channel.send(`FLAGS ${writeList(this.#selected.flagsOf(this.#session, message))}`);
        return;
      default:
        channel.send(`${item.item} ${plainValue(item.item, message)}`);
    }
  }

  #source(message: MailboxMessage, detail: MessageDetails | undefined, header: Buffer | undefined): MessageSource {
    return {
      access: this.#selected.access,
      messageId: message.messageId,
      size: message.size,
      blobId: detail?.blobId,
      mime: detail?.mime,
      header,
    };
  }
}

function plainValue(
  item: Exclude<PlainFetchItem, "ENVELOPE" | "BODY" | "BODYSTRUCTURE" | "FLAGS">,
  message: MailboxMessage,
): string {
  switch (item) {
    case "UID":
      return `${message.uid}`;
    case "INTERNALDATE":
      return writeDateTime(message.receivedAt);
    case "RFC822.SIZE":
      return `${message.size}`;
    case "MODSEQ":
      return `(${message.modseq})`;
    case "EMAILID":
      return `(${message.messageId})`;
    case "THREADID":
      return `(${message.threadId})`;
    case "SAVEDATE":
      return writeDateTime(message.saveDate);
  }
}

/** What has to be read beside the narrow row; the bytes of a whole message need nothing. */
function columnFor(item: FetchItem): DetailColumn | null {
  switch (item.item) {
    case "ENVELOPE":
      return "envelope";
    case "BODYSTRUCTURE":
      return "bodystructure";
    case "BODY":
      return "mime";
    case "SECTION":
      return item.section.part.length === 0 && item.section.text === null ? null : "mime";
    case "BINARY":
    case "BINARY.SIZE":
      return item.part.length === 0 ? null : "mime";
    default:
      return null;
  }
}

function isRootHeader(item: FetchItem): boolean {
  return (
    item.item === "SECTION" && item.section.part.length === 0 && (item.section.text?.startsWith("HEADER") ?? false)
  );
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a detail that was asked for was not read");
  return value;
}
