import type { Email } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { DomainError } from "../../../domain/errors.ts";
import { mailState } from "../../../domain/mail/mail-state.ts";
import { openMailBlob } from "../../../domain/mail/open-message.ts";
import { discardStaged, stageMessage } from "../../../domain/mail/stage-message.ts";
import { allHeaders, readHeaders } from "../../../formats/mime/headers.ts";
import { parseDate } from "../../../formats/mime/parse-date.ts";
import { fromBlobId } from "../blob-id.ts";
import { addEmail } from "../email/add-email.ts";
import { read, readKeywords, readMailboxIds } from "../email/new-email.ts";
import { SetFailure } from "../jmap-errors.ts";
import type { CallContext, Method } from "../method.ts";
import {
  id,
  type JsonObject,
  mapOf,
  nullable,
  object,
  optional,
  readArguments,
  text,
  utcDate,
} from "../read-arguments.ts";
import { asObject, invalidProperties, requireSetSize, requireState, SetReport } from "../standard-set.ts";

const names = ["blobId", "mailboxIds", "keywords", "receivedAt"];

/** RFC 8621 section 4.8. */
export const emailImport: Method<"Email/import"> = async (context, given) => {
  const { accountId, ifInState, emails } = readArguments(given, {
    accountId: id,
    ifInState: nullable(text),
    emails: mapOf(id, object),
  });
  const access = await context.accounts.open(accountId, "change");
  requireSetSize(context, emails.size);
  const { read: reader } = context.deps.mail.store;
  const oldState = (await mailState(reader, access)).Email;
  requireState(ifInState, oldState);
  const report = new SetReport<Email>(context);
  for (const [creationId, properties] of emails) {
    await report.create(creationId, () => importOne(context, access, properties));
  }
  return {
    accountId,
    oldState,
    newState: (await mailState(reader, access)).Email,
    created: asObject(report.created),
    notCreated: asObject(report.notCreated),
  };
};

async function importOne(context: CallContext, access: AccountAccess, properties: JsonObject) {
  const { mail, limits } = context.deps;
  const unknown = Object.keys(properties).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw invalidProperties(unknown);
  const blobId = fromBlobId(read(properties, "blobId", id));
  const mailboxIds = readMailboxIds(context, properties.mailboxIds);
  const flags = readKeywords(properties.keywords);
  const givenDate = read(properties, "receivedAt", optional(utcDate));
  const content = await openBlob(context, access, blobId);
  if (content.size > limits.maxSizeUpload) throw new SetFailure({ type: "tooLarge", maxSize: limits.maxSizeUpload });
  const head: Buffer[] = [];
  const { staged, analyzed } = await stageMessage(mail, access, keepingHead(content.open(), head), {
    size: content.size,
    maxSize: limits.maxSizeUpload,
  });
  try {
    const header = Buffer.concat(head);
    const fields = readHeaders(header, analyzed.root.headerStart, Math.min(header.length, analyzed.root.headerEnd));
    if (fields.length === 0) throw new SetFailure({ type: "invalidEmail" });
    const received = allHeaders(fields, "received")[0]?.split(";").at(-1);
    const receivedAt = givenDate ?? parseDate(received ?? "") ?? new Date();
    return await addEmail(context, access, mailboxIds, { staged, analyzed, flags, receivedAt });
  } catch (error) {
    await discardStaged(mail, staged);
    throw error;
  }
}

async function openBlob(context: CallContext, access: AccountAccess, blobId: string) {
  try {
    return await openMailBlob(context.deps.mail, access, blobId);
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found") throw invalidProperties(["blobId"], error.message);
    throw error;
  }
}

/** Passes the bytes on and keeps the first ones, where the header is. */
async function* keepingHead(bytes: AsyncIterable<unknown>, head: Buffer[]): AsyncGenerator<Buffer> {
  let kept = 0;
  for await (const each of bytes) {
    const chunk = each as Buffer;
    if (kept < 256 * 1024) head.push(chunk);
    kept += chunk.length;
    yield chunk;
  }
}
