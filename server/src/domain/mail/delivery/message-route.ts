import { isAscii } from "node:buffer";
import { allHeaders, readHeaders } from "../../../formats/mime/headers.ts";
import { MessageInspector } from "../../../formats/mime/inspect-message.ts";
import type { StagedBlob } from "../../../store/blobs/blobs.ts";
import type { MailDeps } from "../model.ts";
import type { IncomingMessage } from "./incoming-message.ts";

/** Times that our addresses may send a message on before it is taken to turn in a circle. */
export const maxRedirects = 10;

/** The bytes of a message as they are sent on. */
export interface ForwardCopy {
  staged: StagedBlob;
  isEightBit: boolean;
  isSmtpUtf8: boolean;
}

/** What the header of a message says of its way so far, read when it is first asked for. */
export class MessageRoute {
  readonly #deps: Pick<MailDeps, "blobs">;
  readonly #message: IncomingMessage;
  #header: Promise<Buffer> | undefined;
  #deliveredTo: Promise<readonly string[]> | undefined;

  constructor(deps: Pick<MailDeps, "blobs">, message: IncomingMessage) {
    this.#deps = deps;
    this.#message = message;
  }

  /** The header section, at most its first 512 KiB. */
  header(): Promise<Buffer> {
    this.#header ??= this.#readHeader();
    return this.#header;
  }

  /**
   * Whether sending it on from these addresses would go round: one of them did so before (each leaves a Delivered-To), or too many
   * others did.
   */
  async turnsAt(addresses: readonly string[]): Promise<boolean> {
    this.#deliveredTo ??= this.header().then((header) =>
      allHeaders(readHeaders(header, 0, header.length), "delivered-to").map((value) => value.toLowerCase()),
    );
    const passed = await this.#deliveredTo;
    return passed.length >= maxRedirects || addresses.some((address) => passed.includes(address));
  }

  /** See the function of this name. */
  stageForwardCopy(): Promise<ForwardCopy> {
    return stageForwardCopy(this.#deps, this.#message.staged);
  }

  async #readHeader(): Promise<Buffer> {
    const { staged, analyzed } = this.#message;
    const end = Math.min(analyzed.root.headerEnd, 512 * 1024, staged.size);
    if (staged.data) return staged.data.subarray(0, end);
    const chunks: Buffer[] = [];
    for await (const chunk of this.#deps.blobs.storage.read(staged.id, { start: 0, end })) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
}

/** Stages a message without its Return-Path, which is ours to write at the last hop only (RFC 5321 section 4.4). */
export async function stageForwardCopy({ blobs }: Pick<MailDeps, "blobs">, staged: StagedBlob): Promise<ForwardCopy> {
  const read = (start: number) =>
    staged.data ? [staged.data.subarray(start)] : blobs.storage.read(staged.id, { start, end: staged.size });
  const inspector = new MessageInspector();
  for await (const chunk of read(0)) inspector.push(chunk as Buffer);
  const { header, fields, isEightBit } = inspector.end();
  const kept: Buffer[] = [];
  let at = 0;
  for (const field of fields) {
    if (field.key !== "return-path") continue;
    kept.push(header.subarray(at, field.start));
    at = field.end;
  }
  kept.push(header.subarray(at));
  const made = await blobs.stage(
    (async function* () {
      yield* kept;
      if (header.length < staged.size) yield* read(header.length) as AsyncIterable<Buffer>;
    })(),
  );
  return { staged: made, isEightBit, isSmtpUtf8: !kept.every(isAscii) };
}
