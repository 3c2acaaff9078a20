import type { EmailBodyPart } from "@bouquet/contract/jmap-mail.ts";
import { fileName } from "../../../formats/mime/file-name.ts";
import { readHeaders } from "../../../formats/mime/headers.ts";
import type { MimePart } from "../../../formats/mime/mime-part.ts";
import { toBlobId } from "../blob-id.ts";
import { MethodFailure } from "../jmap-errors.ts";
import {
  type HeaderBlock,
  type HeaderProperty,
  listHeaders,
  readHeaderProperty,
  requireHeaderProperty,
} from "./header-forms.ts";
import type { MessageBytes } from "./message-bytes.ts";

const plainProperties = [
  "partId",
  "blobId",
  "size",
  "name",
  "type",
  "charset",
  "disposition",
  "cid",
  "language",
  "location",
  "subParts",
  "headers",
];

const defaultProperties = [
  "partId",
  "blobId",
  "size",
  "name",
  "type",
  "charset",
  "disposition",
  "cid",
  "language",
  "location",
];

export interface BodyProperties {
  names: ReadonlySet<string>;
  headers: readonly HeaderProperty[];
}

/** @throws MethodFailure `invalidArguments` */
export function readBodyProperties(given: readonly string[] | undefined): BodyProperties {
  const names = given ?? defaultProperties;
  const headers = names.filter((name) => name.startsWith("header:"));
  const plain = names.filter((name) => !name.startsWith("header:"));
  const unknown = plain.find((name) => !plainProperties.includes(name));
  if (unknown !== undefined) {
    throw new MethodFailure("invalidArguments", `A body part has no “${unknown.slice(0, 100)}”`, {
      arguments: ["bodyProperties"],
    });
  }
  return { names: new Set(plain), headers: headers.map((name) => requireHeaderProperty(name, "bodyProperties")) };
}

/** A part as JMAP shows it (RFC 8621 section 4.1.4). */
export async function describeBodyPart(
  part: MimePart,
  blobId: string,
  bytes: MessageBytes,
  wanted: BodyProperties,
  options: { withSubParts: boolean },
): Promise<EmailBodyPart> {
  const isMultipart = part.parts !== undefined;
  const { names } = wanted;
  const described: Record<string, unknown> = {
    partId: isMultipart ? null : part.path,
    blobId: isMultipart ? null : toBlobId(blobId, part.path),
    name: fileName(part),
    type: `${part.type}/${part.subtype}`,
    charset: part.type === "text" ? (part.params.charset ?? "us-ascii") : null,
    disposition: part.disposition?.type ?? null,
    cid: part.id?.replace(/^\s*<|>\s*$/g, "") ?? null,
    language: part.language,
    location: part.location,
  };
  for (const name of Object.keys(described)) if (!names.has(name)) delete described[name];
  if (names.has("size")) described.size = isMultipart ? 0 : await bytes.decodedSize(part);
  if (names.has("headers") || wanted.headers.length > 0) {
    const block = await readBlock(bytes, part);
    if (names.has("headers")) described.headers = listHeaders(block);
    for (const header of wanted.headers) described[header.property] = readHeaderProperty(block, header);
  }
  // bodyStructure is of no use without them, whatever bodyProperties says.
  if (options.withSubParts && (names.has("subParts") || isMultipart)) {
    const inner: EmailBodyPart[] = [];
    for (const each of part.parts ?? []) inner.push(await describeBodyPart(each, blobId, bytes, wanted, options));
    described.subParts = isMultipart ? inner : null;
  }
  return described as unknown as EmailBodyPart;
}

/** The header of a message or of a part. */
export async function readBlock(bytes: MessageBytes, part: MimePart): Promise<HeaderBlock> {
  const header = await bytes.read(part.headerStart, part.headerEnd);
  return { bytes: header, fields: readHeaders(header, 0, header.length) };
}
