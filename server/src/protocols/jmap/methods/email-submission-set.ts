import type { Email, EmailSubmission } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { DomainError } from "../../../domain/errors.ts";
import { mailState } from "../../../domain/mail/mail-state.ts";
import type { Message } from "../../../domain/mail/model.ts";
import { openMessageBytes } from "../../../domain/mail/open-message.ts";
import { readMessages } from "../../../domain/mail/read-messages.ts";
import { cancelSubmission } from "../../../domain/mail/submission/cancel-submission.ts";
import { readSubmissions } from "../../../domain/mail/submission/read-submissions.ts";
import { type Submitted, submitMessage } from "../../../domain/mail/submission/submit-message.ts";
import { destroyEmails, updateEmails } from "../email/change-emails.ts";
import { SetFailure } from "../jmap-errors.ts";
import { type CallContext, type Method, resolveId } from "../method.ts";
import { planSending, readNewSubmission, type SendingPlan } from "../new-submission.ts";
import { type JsonObject, listOf, mapOf, nullable, object, readArguments, reference } from "../read-arguments.ts";
import { invalidProperties, readSetRequest, requireState, SetReport, setShape } from "../standard-set.ts";
import { loadSubmissions, toSubmission } from "../submission-state.ts";
import { listSenders } from "./identity-get.ts";

/** RFC 8621 section 7.5. */
export const emailSubmissionSet: Method<"EmailSubmission/set"> = async (context, given) => {
  const { accountId, ifInState, onSuccessUpdateEmail, onSuccessDestroyEmail, ...objects } = readArguments(given, {
    ...setShape,
    onSuccessUpdateEmail: nullable(mapOf(reference, object)),
    onSuccessDestroyEmail: nullable(listOf(reference)),
  });
  const access = await context.accounts.open(accountId);
  const { create, update, destroy } = readSetRequest(context, objects);
  const { state: oldState, list } = await loadSubmissions(context, access);
  requireState(ifInState, oldState);
  const report = new SetReport<EmailSubmission>(context);
  report.refuseUpdatesOf(destroy, update);
  /** The Email of each submission that succeeded, by id and by # and creation id. */
  const emailIds = new Map<string, string>();

  for (const [creationId, properties] of create) {
    await report.create(creationId, async () => {
      const submission = await submitOne(context, access, properties);
      emailIds.set(submission.id, submission.emailId).set(`#${creationId}`, submission.emailId);
      return submission;
    });
  }
  for (const [id, patch] of update) {
    await report.update(id, async () => {
      const known = list.find((each) => each.id === id);
      await cancelOne(context, access, known, patch);
      emailIds.set(id, known!.emailId);
      return null;
    });
  }
  for (const id of destroy) {
    await report.destroy(id, async () => {
      const isKnown = list.some((each) => each.id === id);
      const description = "The server forgets submissions by itself; set undoStatus to take one back";
      throw new SetFailure(isKnown ? { type: "forbidden", description } : { type: "notFound" });
    });
  }
  await changeEmails(context, access, emailIds, onSuccessUpdateEmail, onSuccessDestroyEmail);
  return report.response(accountId, oldState, (await loadSubmissions(context, access)).state);
};

async function submitOne(context: CallContext, access: AccountAccess, properties: JsonObject) {
  const wanted = readNewSubmission(properties);
  const { mail } = context.deps;
  const senders = await listSenders(context, access);
  const identityId = resolveId(context, wanted.identityId);
  const identity = senders.find((each) => each.id === identityId);
  if (!identity) throw invalidProperties(["identityId"]);
  const [message] = await readMessages(mail.store.read, access, [resolveId(context, wanted.emailId)]);
  if (!message) throw invalidProperties(["emailId"]);
  const plan = planSending(wanted.envelope, message, new Date());
  const submitted = await send(context, access, message, plan, identity.organizationId);
  const [record] = await readSubmissions(mail.store.read, submitted, [submitted.outboundId]);
  if (!record) throw new Error(`The submission ${submitted.outboundId} is not in the queue`);
  const { sendAt, undoStatus, deliveryStatus, envelope, dsnBlobIds, mdnBlobIds } = toSubmission(record, senders);
  return {
    id: submitted.outboundId,
    emailId: message.id,
    threadId: message.threadId,
    identityId,
    sendAt,
    undoStatus,
    deliveryStatus,
    envelope,
    dsnBlobIds,
    mdnBlobIds,
  };
}

async function send(
  context: CallContext,
  access: AccountAccess,
  message: Message,
  plan: SendingPlan,
  organizationId: string,
): Promise<Submitted> {
  const { mail } = context.deps;
  try {
    return await submitMessage(mail, context.viewer, {
      source: await openMessageBytes(mail, access, { blobId: message.blobId }),
      returnPath: plan.returnPath,
      recipients: plan.recipients,
      dsn: plan.dsn,
      // The queue of another organization needs bytes of its own.
      ...(organizationId === access.organizationId && { kept: { blobId: message.blobId, messageId: message.id } }),
      ...(plan.sendAt && { sendAt: plan.sendAt }),
    });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === "sender_not_allowed") {
      const isFrom = message.summary.from.some((each) => each.email === error.data?.address);
      throw new SetFailure({ type: isFrom ? "forbiddenFrom" : "forbiddenMailFrom", description: error.message });
    }
    if (error.code === "invalid") {
      throw new SetFailure({ type: "invalidEmail", description: error.message, properties: ["from"] });
    }
    throw error;
  }
}

async function cancelOne(
  context: CallContext,
  access: AccountAccess,
  submission: EmailSubmission | undefined,
  patch: JsonObject,
): Promise<void> {
  if (!submission) throw new SetFailure({ type: "notFound" });
  const others = Object.keys(patch).filter((name) => name !== "undoStatus");
  if (others.length > 0) throw invalidProperties(others);
  if (patch.undoStatus === submission.undoStatus) return;
  if (patch.undoStatus !== "canceled") throw invalidProperties(["undoStatus"]);
  if (submission.undoStatus !== "pending") throw new SetFailure({ type: "cannotUnsend" });
  try {
    await cancelSubmission(context.deps.mail.store, access, submission.id);
  } catch (error) {
    if (error instanceof DomainError && error.code === "conflict") throw new SetFailure({ type: "cannotUnsend" });
    throw error;
  }
}

/** The Email/set that follows by itself, for submissions that succeeded. */
async function changeEmails(
  context: CallContext,
  access: AccountAccess,
  emailIds: ReadonlyMap<string, string>,
  patches: ReadonlyMap<string, JsonObject> | undefined,
  destroyed: readonly string[] | undefined,
): Promise<void> {
  if (!patches && !destroyed) return;
  const update = new Map<string, JsonObject>();
  for (const [submission, patch] of patches ?? []) {
    const emailId = emailIds.get(submission);
    if (emailId !== undefined) update.set(emailId, patch);
  }
  const destroy = [...new Set((destroyed ?? []).flatMap((each) => emailIds.get(each) ?? []))];
  if (update.size + destroy.length === 0) return;
  const { read } = context.deps.mail.store;
  const oldState = (await mailState(read, access)).Email;
  const report = new SetReport<Email>(context);
  report.refuseUpdatesOf(destroy, update);
  await updateEmails(context, access, update, report);
  await destroyEmails(context, access, destroy, report);
  context.follow("Email/set", report.response(access.accountId, oldState, (await mailState(read, access)).Email));
}
