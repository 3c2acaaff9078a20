import { completeRecipients } from "../../../domain/mail/complete-recipients.ts";
import type { Method } from "../method.ts";
import { id, object, optional, readArguments, text, unsignedInt } from "../read-arguments.ts";

const filter = (value: unknown) => readArguments(object(value), { text });

/** Completes what a person types as recipient: people, groups and shared mailboxes of the directory, and whom they wrote to. */
export const recipientQuery: Method<"Recipient/query"> = async (context, given) => {
  const {
    accountId,
    filter: sought,
    limit,
  } = readArguments(given, { accountId: id, filter, limit: optional(unsignedInt) });
  await context.accounts.open(accountId);
  const found = await completeRecipients(context.deps.mail.store.read, context.viewer, sought.text);
  return {
    accountId,
    list: found
      .slice(0, limit ?? found.length)
      .map(({ name, address, kind }) => ({ name: name === "" ? null : name, email: address, kind })),
  };
};
