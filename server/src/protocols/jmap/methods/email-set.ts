import type { Email } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { DomainError } from "../../../domain/errors.ts";
import { mailState } from "../../../domain/mail/mail-state.ts";
import { discardStaged, stageMessage } from "../../../domain/mail/stage-message.ts";
import { addEmail } from "../email/add-email.ts";
import { destroyEmails, updateEmails } from "../email/change-emails.ts";
import { composeMessage } from "../email/compose-message.ts";
import { readNewEmail } from "../email/new-email.ts";
import { SetFailure } from "../jmap-errors.ts";
import type { CallContext, Method } from "../method.ts";
import { type JsonObject, readArguments } from "../read-arguments.ts";
import { readSetRequest, requireState, SetReport, setShape } from "../standard-set.ts";

/** RFC 8621 section 4.6. */
export const emailSet: Method<"Email/set"> = async (context, given) => {
  const { accountId, ifInState, ...objects } = readArguments(given, setShape);
  const access = await context.accounts.open(accountId, "change");
  const { create, update, destroy } = readSetRequest(context, objects);
  const { read } = context.deps.mail.store;
  const oldState = (await mailState(read, access)).Email;
  requireState(ifInState, oldState);
  const report = new SetReport<Email>(context);
  report.refuseUpdatesOf(destroy, update);
  for (const [creationId, properties] of create) {
    await report.create(creationId, () => createEmail(context, access, properties));
  }
  await updateEmails(context, access, update, report);
  await destroyEmails(context, access, destroy, report);
  return report.response(accountId, oldState, (await mailState(read, access)).Email);
};

async function createEmail(context: CallContext, access: AccountAccess, properties: JsonObject) {
  const { mail, limits } = context.deps;
  const maxSize = limits.maxSizeUpload;
  const message = readNewEmail(context, properties);
  const stream = await composeMessage(mail, access, message, maxSize);
  try {
    const { staged, analyzed } = await stageMessage(mail, access, stream, { maxSize });
    try {
      const { flags, receivedAt, mailboxIds } = message;
      return await addEmail(context, access, mailboxIds, { staged, analyzed, flags, receivedAt });
    } catch (error) {
      await discardStaged(mail, staged);
      throw error;
    }
  } catch (error) {
    if (error instanceof DomainError && error.code === "too_large") throw new SetFailure({ type: "tooLarge", maxSize });
    throw error;
  } finally {
    stream.destroy();
  }
}
