import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import MimeNode from "nodemailer/lib/mime-node";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { MailDeps } from "../../../domain/mail/model.ts";
import { type MailContent, openMailBlob } from "../../../domain/mail/open-message.ts";
import { toBlobId } from "../blob-id.ts";
import { SetFailure } from "../jmap-errors.ts";
import type { NewMessage } from "./new-email.ts";
import { addressesOf, type NewHeader } from "./new-headers.ts";
import type { NewPart } from "./new-parts.ts";

/**
 * Writes a message. Bcc stays: a draft needs it, and it is taken out of what leaves.
 * @param maxSize in octets, refused before anything is read when the attachments alone exceed it
 * @throws SetFailure `blobNotFound`, `tooLarge`
 */
export async function composeMessage(
  deps: MailDeps,
  access: AccountAccess,
  message: NewMessage,
  maxSize: number,
): Promise<Readable> {
  const blobs = await openBlobs(deps, access, message.body);
  let size = 0;
  for (const blob of blobs.values()) size += blob.size;
  if (size > maxSize) throw new SetFailure({ type: "tooLarge", maxSize });
  const root = makeNode(message.body, blobs, true);
  addHeaders(root, message.headers);
  if (!root.getHeader("Message-ID")) {
    const domain = addressesOf(message.headers, "from")[0]?.email.split("@").at(-1);
    root.setHeader("Message-ID", `<${randomUUID()}@${domain && /^[\w.-]+$/.test(domain) ? domain : "localhost"}>`);
  }
  return root.createReadStream();
}

/** @throws SetFailure `blobNotFound` with all that are missing */
async function openBlobs(deps: MailDeps, access: AccountAccess, body: NewPart): Promise<Map<string, MailContent>> {
  const blobs = new Map<string, MailContent>();
  const missing: string[] = [];
  for (const id of new Set(blobIdsOf(body))) {
    try {
      blobs.set(id, await openMailBlob(deps, access, id));
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== "not_found") throw error;
      missing.push(toBlobId(...(id.split(/\.(.*)/s) as [string, string?])));
    }
  }
  if (missing.length > 0) throw new SetFailure({ type: "blobNotFound", notFound: missing });
  return blobs;
}

function blobIdsOf({ content }: NewPart): string[] {
  if ("blobId" in content) return [content.blobId];
  return "parts" in content ? content.parts.flatMap(blobIdsOf) : [];
}

function makeNode(part: NewPart, blobs: ReadonlyMap<string, MailContent>, isRoot: boolean): MimeNode {
  const { content } = part;
  const charset = "text" in content ? "utf-8" : part.charset;
  const node = new MimeNode(part.type + (charset === undefined ? "" : `; charset=${charset}`), {
    ...(isRoot && { keepBcc: true, newline: "win" }),
    ...(part.name !== undefined && { filename: part.name }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  if (part.disposition !== undefined) node.setHeader("Content-Disposition", part.disposition);
  if (part.cid !== undefined) node.setHeader("Content-ID", `<${part.cid}>`);
  if (part.language) node.setHeader("Content-Language", part.language.join(", "));
  if (part.location !== undefined) node.setHeader("Content-Location", part.location);
  addHeaders(node, part.headers);
  if ("parts" in content) {
    for (const each of content.parts) node.appendChild(makeNode(each, blobs, false));
  } else if ("text" in content) {
    node.setContent(content.text);
  } else {
    const blob = blobs.get(content.blobId)!;
    // An enclosed message may not be encoded (RFC 2046 section 5.2.1); anything else keeps its bytes in base64.
    const isMessage = part.type === "message/rfc822" || part.type === "message/global";
    node.setHeader("Content-Transfer-Encoding", isMessage ? "8bit" : "base64");
    node.setContent(Readable.from(lazily(blob), { objectMode: false }));
  }
  return node;
}

/** A list is one field of many addresses; addHeader would make a field of each. */
function addHeaders(node: MimeNode, headers: readonly NewHeader[]): void {
  for (const { name, value } of headers) {
    if (Array.isArray(value)) node.setHeader(name, value);
    else node.addHeader(name, value);
  }
}

/** Opened when its turn comes: a message may have hundreds of attachments. */
async function* lazily(blob: MailContent): AsyncGenerator<Buffer> {
  for await (const chunk of blob.open()) yield chunk as Buffer;
}
