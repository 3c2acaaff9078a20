import { changesSince } from "../../../domain/mail/changes-since.ts";
import type { Method } from "../method.ts";
import { readArguments } from "../read-arguments.ts";
import { changesResponse, changesShape } from "../standard-changes.ts";

/** RFC 8621 section 3.2. */
export const threadChanges: Method<"Thread/changes"> = async (context, given) => {
  const { accountId, sinceState, maxChanges } = readArguments(given, changesShape);
  const access = await context.accounts.open(accountId);
  return changesResponse(
    accountId,
    await changesSince(context.deps.mail.store.read, access, "Thread", sinceState, maxChanges),
  );
};
