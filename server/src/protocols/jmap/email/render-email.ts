import type { EmailBodyPart, EmailBodyValue } from "@bouquet/contract/jmap-mail.ts";
import { messageFlags } from "../../../domain/mail/flags.ts";
import type { Message, MessageSummary } from "../../../domain/mail/model.ts";
import { decodeWords, parseMessageIds } from "../../../formats/mime/decode-header.ts";
import { allHeaders } from "../../../formats/mime/headers.ts";
import { eachPart } from "../../../formats/mime/message-text.ts";
import type { MimePart } from "../../../formats/mime/mime-part.ts";
import { selectBodyParts } from "../../../formats/mime/select-body-parts.ts";
import { toKeywords } from "../keywords.ts";
import type { JmapLimits } from "../limits.ts";
import type { JsonObject } from "../read-arguments.ts";
import { toUtcDate } from "../utc-date.ts";
import { describeBodyPart } from "./body-parts.ts";
import { readBodyValue, type ValueBudget } from "./body-values.ts";
import type { EmailWish } from "./email-properties.ts";
import { type HeaderBlock, listHeaders, readHeaderProperty } from "./header-forms.ts";
import type { MessageBytes } from "./message-bytes.ts";

/** A message, and of it what `needsTree` and `needsHeader` say. */
export interface EmailParts {
  content: Pick<Message, "blobId" | "size" | "sentAt" | "subject" | "preview" | "hasAttachment"> & {
    summary: Omit<MessageSummary, "attachmentNames" | "sentDay">;
  };
  /** Absent for one that is parsed and stored nowhere. */
  stored: Pick<Message, "id" | "threadId" | "receivedAt" | "mailboxes"> | undefined;
  tree: MimePart | undefined;
  header: HeaderBlock | undefined;
  bytes: MessageBytes;
}

/** Builds an Email object (RFC 8621 section 4.1) with the properties wished for. */
export async function renderEmail(
  parts: EmailParts,
  wish: EmailWish,
  limits: JmapLimits,
  budget: ValueBudget,
): Promise<JsonObject> {
  const values = { ...storedValues(parts), ...headerValues(parts) };
  const email: JsonObject = {};
  for (const [name, value] of Object.entries(values)) if (wish.names.has(name)) email[name] = value;
  if (parts.header) {
    if (wish.names.has("headers")) email.headers = listHeaders(parts.header);
    for (const property of wish.headers) email[property.property] = readHeaderProperty(parts.header, property);
  }
  if (parts.tree) Object.assign(email, await bodyValues(parts, parts.tree, wish, limits, budget));
  return email;
}

function storedValues({ content, stored }: EmailParts): JsonObject {
  return {
    id: stored?.id ?? null,
    blobId: content.blobId,
    threadId: stored?.threadId ?? null,
    mailboxIds: stored ? Object.fromEntries(stored.mailboxes.map((copy) => [copy.mailboxId, true])) : null,
    keywords: stored ? toKeywords(messageFlags(stored.mailboxes)) : null,
    size: content.size,
    receivedAt: stored ? toUtcDate(stored.receivedAt) : null,
    hasAttachment: content.hasAttachment,
    preview: content.preview,
  };
}

function headerValues({ content, header }: EmailParts): JsonObject {
  const { summary } = content;
  const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length > 0 ? list : null);
  const fields = header?.fields ?? [];
  // What is stored of References has In-Reply-To mixed in, for threading.
  const references = allHeaders(fields, "references").at(-1);
  const subject = allHeaders(fields, "subject").at(-1);
  return {
    messageId: summary.messageId === null ? null : [summary.messageId],
    inReplyTo: orNull(summary.inReplyTo),
    references: references === undefined ? null : orNull(parseMessageIds(references)),
    sender: orNull(summary.sender),
    from: orNull(summary.from),
    to: orNull(summary.to),
    cc: orNull(summary.cc),
    bcc: orNull(summary.bcc),
    replyTo: orNull(summary.replyTo),
    subject: header ? (subject === undefined ? null : decodeWords(subject).normalize("NFC")) : content.subject || null,
    sentAt: content.sentAt && toUtcDate(content.sentAt),
  };
}

async function bodyValues(
  { content, bytes }: EmailParts,
  tree: MimePart,
  wish: EmailWish,
  limits: JmapLimits,
  budget: ValueBudget,
): Promise<JsonObject> {
  const email: JsonObject = {};
  const bodies = selectBodyParts(tree);
  const describe = (part: MimePart, withSubParts: boolean): Promise<EmailBodyPart> =>
    describeBodyPart(part, content.blobId, bytes, wish.bodyProperties, { withSubParts });
  if (wish.names.has("bodyStructure")) email.bodyStructure = await describe(tree, true);
  for (const name of ["textBody", "htmlBody", "attachments"] as const) {
    if (!wish.names.has(name)) continue;
    const list: EmailBodyPart[] = [];
    for (const part of bodies[name]) list.push(await describe(part, false));
    email[name] = list;
  }
  if (wish.names.has("bodyValues")) {
    const wanted = new Set<MimePart>();
    if (wish.textValues || wish.allValues) for (const part of bodies.textBody) wanted.add(part);
    if (wish.htmlValues || wish.allValues) for (const part of bodies.htmlBody) wanted.add(part);
    if (wish.allValues) for (const part of leavesOf(tree)) wanted.add(part);
    const values = new Map<string, EmailBodyValue>();
    for (const part of wanted) {
      if (part.type !== "text") continue;
      values.set(part.path, await readBodyValue(part, bytes, wish.maxBodyValueBytes, limits, budget));
    }
    email.bodyValues = Object.fromEntries(values);
  }
  return email;
}

/** The parts of this message; those of messages enclosed in it are theirs. */
function* leavesOf(tree: MimePart): Generator<MimePart> {
  const enclosed = new Set<MimePart>();
  for (const part of eachPart(tree)) {
    if (part.message) for (const inner of eachPart(part.message)) enclosed.add(inner);
    if (!part.parts && !enclosed.has(part)) yield part;
  }
}
