import type { Email } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { copyMessages } from "../../../domain/mail/copy-messages.ts";
import { mailState } from "../../../domain/mail/mail-state.ts";
import { readMailboxMessages } from "../../../domain/mail/read-mailbox-messages.ts";
import { readMessages } from "../../../domain/mail/read-messages.ts";
import { setMessage } from "../../../domain/mail/set-messages.ts";
import { toBlobId } from "../blob-id.ts";
import { destroyEmails } from "../email/change-emails.ts";
import { readKeywords, readMailboxIds } from "../email/new-email.ts";
import { MethodFailure, SetFailure } from "../jmap-errors.ts";
import { type CallContext, type Method, resolveId } from "../method.ts";
import {
  bool,
  id,
  type JsonObject,
  mapOf,
  nullable,
  object,
  optional,
  readArguments,
  text,
} from "../read-arguments.ts";
import { asObject, invalidProperties, requireSetSize, requireState, SetReport } from "../standard-set.ts";

const names = ["id", "mailboxIds", "keywords", "receivedAt"];

/** RFC 8621 section 4.7: to another account, where the copy is an Email of its own. */
export const emailCopy: Method<"Email/copy"> = async (context, given) => {
  const { fromAccountId, accountId, create, ...rest } = readArguments(given, {
    fromAccountId: id,
    ifFromInState: nullable(text),
    accountId: id,
    ifInState: nullable(text),
    create: mapOf(id, object),
    onSuccessDestroyOriginal: optional(bool),
    destroyFromIfInState: nullable(text),
  });
  if (fromAccountId === accountId) {
    throw new MethodFailure("invalidArguments", "The accounts are the same", { arguments: ["accountId"] });
  }
  const from = await openFrom(context, fromAccountId, rest.onSuccessDestroyOriginal ? "change" : "read");
  const to = await context.accounts.open(accountId, "change");
  requireSetSize(context, create.size);
  const { read } = context.deps.mail.store;
  requireState(rest.ifFromInState, (await mailState(read, from)).Email);
  const oldState = (await mailState(read, to)).Email;
  requireState(rest.ifInState, oldState);
  const report = new SetReport<Email>(context);
  const originals: string[] = [];
  for (const [creationId, properties] of create) {
    await report.create(creationId, async () => {
      const copied = await copyOne(context, from, to, properties);
      originals.push(copied.original);
      return copied.email;
    });
  }
  if (rest.onSuccessDestroyOriginal) await destroyOriginals(context, from, originals, rest.destroyFromIfInState);
  return {
    fromAccountId,
    accountId,
    oldState,
    newState: (await mailState(read, to)).Email,
    created: asObject(report.created),
    notCreated: asObject(report.notCreated),
  };
};

async function openFrom(context: CallContext, accountId: string, use: "read" | "change"): Promise<AccountAccess> {
  try {
    return await context.accounts.open(accountId, use);
  } catch (error) {
    const type = error instanceof MethodFailure ? error.body.type : undefined;
    if (type === "accountNotFound") throw new MethodFailure("fromAccountNotFound");
    if (type === "accountNotSupportedByMethod") throw new MethodFailure("fromAccountNotSupportedByMethod");
    throw error;
  }
}

async function copyOne(context: CallContext, from: AccountAccess, to: AccountAccess, properties: JsonObject) {
  const { mail } = context.deps;
  const unknown = Object.keys(properties).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw invalidProperties(unknown);
  const original = typeof properties.id === "string" ? resolveId(context, properties.id) : "";
  const [message] = await readMessages(mail.store.read, from, [original]);
  const copy = message?.mailboxes[0];
  if (!message || !copy) throw new SetFailure({ type: "notFound" });
  if (
    properties.receivedAt !== undefined &&
    new Date(String(properties.receivedAt)).getTime() !== message.receivedAt.getTime()
  ) {
    throw invalidProperties(["receivedAt"], "A copy keeps the date of the original");
  }
  const mailboxIds = readMailboxIds(context, properties.mailboxIds);
  const flags = properties.keywords === undefined ? undefined : { replace: readKeywords(properties.keywords) };
  const toMailboxId = mailboxIds[0]!;
  const { pairs } = await copyMessages(mail, from, {
    fromMailboxId: copy.mailboxId,
    uids: [copy.uid],
    toMailboxId,
    toAccess: to,
  });
  const uid = pairs[0]?.[1];
  const [made] = uid === undefined ? [] : await readMailboxMessages(mail.store.read, to, toMailboxId, [uid]);
  if (!made) throw new SetFailure({ type: "notFound" });
  if (flags || mailboxIds.length > 1) {
    await setMessage(mail, to, made.messageId, {
      ...(mailboxIds.length > 1 && { mailboxIds }),
      ...(flags && { flags }),
    });
  }
  const [email] = await readMessages(mail.store.read, to, [made.messageId]);
  if (!email) throw new SetFailure({ type: "notFound" });
  return {
    original,
    email: { id: email.id, blobId: toBlobId(email.blobId), threadId: email.threadId, size: email.size },
  };
}

async function destroyOriginals(
  context: CallContext,
  from: AccountAccess,
  originals: readonly string[],
  ifInState: string | undefined,
): Promise<void> {
  const { read } = context.deps.mail.store;
  const oldState = (await mailState(read, from)).Email;
  if (ifInState !== undefined && ifInState !== oldState) {
    context.follow("error", { type: "stateMismatch" });
    return;
  }
  const report = new SetReport<Email>(context);
  await destroyEmails(context, from, originals, report);
  context.follow("Email/set", report.response(from.accountId, oldState, (await mailState(read, from)).Email));
}
