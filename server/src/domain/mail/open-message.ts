import { Readable } from "node:stream";
import { createTransferDecoder } from "../../formats/mime/decode-body.ts";
import { fileName } from "../../formats/mime/file-name.ts";
import { eachPart } from "../../formats/mime/message-text.ts";
import type { MimePart } from "../../formats/mime/mime-part.ts";
import type { ByteSource } from "../../store/blobs/byte-source.ts";
import { isUuid } from "../../store/uuid.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { readScript } from "./filters/read-scripts.ts";
import type { MailDeps } from "./model.ts";
import { uploadKind } from "./upload-blob.ts";

const notFound = (): DomainError => new DomainError("not_found", "There is no such content");

/**
 * The whole bytes of a message, for ranges by the offsets of its MIME tree.
 * @param message an id, or a blob id just read from a message of this account, which saves the look-up
 * @throws DomainError `not_found`
 */
export async function openMessageBytes(
  deps: MailDeps,
  access: AccountAccess,
  message: string | { blobId: string },
): Promise<ByteSource> {
  let blobId = typeof message === "string" ? undefined : message.blobId;
  if (typeof message === "string" && isUuid(message)) {
    const row = await deps.store.read
      .selectFrom("message")
      .select("blob_id")
      .where("organization_id", "=", access.organizationId)
      .where("account_id", "=", access.accountId)
      .where("id", "=", message)
      .executeTakeFirst();
    blobId = row?.blob_id;
  }
  const source = blobId && (await deps.blobs.open(deps.store.read, access.organizationId, blobId));
  if (!source) throw notFound();
  return source;
}

export interface MailContent extends ByteSource {
  /** As the sender named it, e.g. `application/pdf`: not to be trusted. */
  contentType: string;
  charset: string | null;
  name: string | null;
}

/**
 * The decoded body of one part of a message.
 * @param path an IMAP section number as `MimePart.path` has it
 * @throws DomainError `not_found`
 */
export async function openMessagePart(
  deps: MailDeps,
  access: AccountAccess,
  messageId: string,
  path: string,
): Promise<MailContent> {
  const row = isUuid(messageId)
    ? await deps.store.read
        .selectFrom("message")
        .select(["blob_id", "mime"])
        .where("organization_id", "=", access.organizationId)
        .where("account_id", "=", access.accountId)
        .where("id", "=", messageId)
        .executeTakeFirst()
    : undefined;
  if (!row) throw notFound();
  return openPart(deps, access, row.blob_id, row.mime as unknown as MimePart, path);
}

/**
 * What a JMAP blobId of this account names: `<uuid>`, a message or a temporary upload; `<uuid>.<path>`, the decoded body of a part.
 * @throws DomainError `not_found`, also for a blob that only other accounts may read
 */
export async function openMailBlob(deps: MailDeps, access: AccountAccess, blobId: string): Promise<MailContent> {
  const [id = "", ...rest] = blobId.split(".");
  const path = rest.join(".");
  if (!isUuid(id)) throw notFound();
  const message = await deps.store.read
    .selectFrom("message")
    .select("mime")
    .where("organization_id", "=", access.organizationId)
    .where("account_id", "=", access.accountId)
    .where("blob_id", "=", id)
    .limit(1)
    .executeTakeFirst();
  if (path !== "") {
    if (!message) throw notFound();
    return openPart(deps, access, id, message.mime as unknown as MimePart, path);
  }
  if (!message && !(await isUpload(deps, access, id))) return openScript(deps, access, id);
  const source = await deps.blobs.open(deps.store.read, access.organizationId, id);
  if (!source) throw notFound();
  const contentType = message ? "message/rfc822" : "application/octet-stream";
  return { ...source, contentType, charset: null, name: null };
}

/** Scripts have blob ids too (RFC 9661), though their bytes are no blobs. @throws DomainError `not_found` */
async function openScript(deps: MailDeps, access: AccountAccess, blobId: string): Promise<MailContent> {
  const bytes = Buffer.from(await readScript(deps.store.read, access, { blobId }), "utf8");
  return {
    size: bytes.length,
    open: (range) =>
      Readable.from([bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length)], { objectMode: false }),
    contentType: "application/sieve",
    charset: "utf-8",
    name: null,
  };
}

async function isUpload(deps: MailDeps, access: AccountAccess, blobId: string): Promise<boolean> {
  const row = await deps.store.read
    .selectFrom("blob_reference")
    .select("blob_id")
    .where("organization_id", "=", access.organizationId)
    .where("blob_id", "=", blobId)
    .where("kind", "=", uploadKind)
    .where("owner_id", "=", access.accountId)
    .executeTakeFirst();
  return row !== undefined;
}

async function openPart(
  deps: MailDeps,
  access: AccountAccess,
  blobId: string,
  root: MimePart,
  path: string,
): Promise<MailContent> {
  let part: MimePart | undefined;
  for (const each of eachPart(root)) if (each.path === path && !each.parts) part ??= each;
  const source = part && (await deps.blobs.open(deps.store.read, access.organizationId, blobId));
  if (!part || !source) throw notFound();
  const range = { start: part.bodyStart, end: part.bodyEnd };
  const encoded = !["7bit", "8bit", "binary"].includes(part.encoding);
  const decoded = encoded
    ? await decodedSource(source, range, part.encoding)
    : {
        size: range.end - range.start,
        open: (within?: { start: number; end: number }) =>
          source.open({
            start: range.start + (within?.start ?? 0),
            end: Math.min(range.end, range.start + (within?.end ?? range.end)),
          }),
      };
  return {
    ...decoded,
    contentType: `${part.type}/${part.subtype}`,
    charset: part.params.charset ?? null,
    name: fileName(part),
  };
}

/** Transfer encodings do not tell the size of what they hold, so the body is decoded once to count. */
async function decodedSource(
  source: ByteSource,
  body: { start: number; end: number },
  encoding: string,
): Promise<ByteSource> {
  const decode = (): Readable => {
    const input = source.open(body);
    const decoder = createTransferDecoder(encoding);
    input.on("error", (error) => decoder.destroy(error));
    decoder.on("close", () => input.destroy());
    return input.pipe(decoder);
  };
  let size = 0;
  for await (const chunk of decode()) size += (chunk as Buffer).length;
  return {
    size,
    open: (range) => (range ? sliceStream(decode(), range.start, Math.min(range.end, size)) : decode()),
  };
}

function sliceStream(stream: Readable, start: number, end: number): Readable {
  // drop/take count chunks, not bytes
  return stream.compose(async function* (chunks: AsyncIterable<Buffer>) {
    let at = 0;
    for await (const chunk of chunks) {
      if (at < end && at + chunk.length > start) yield chunk.subarray(Math.max(0, start - at), end - at);
      at += chunk.length;
      if (at >= end) return;
    }
  }) as Readable;
}
