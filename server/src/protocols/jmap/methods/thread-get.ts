import { mailState } from "../../../domain/mail/mail-state.ts";
import { readThreads } from "../../../domain/mail/read-messages.ts";
import { MethodFailure } from "../jmap-errors.ts";
import type { Method } from "../method.ts";
import { readArguments } from "../read-arguments.ts";
import { getResponse, getShape, readIds, readProperties } from "../standard-get.ts";

/** RFC 8621 section 3.1. */
export const threadGet: Method<"Thread/get"> = async (context, given) => {
  const { accountId, ids, properties } = readArguments(given, getShape);
  const access = await context.accounts.open(accountId);
  const wanted = readProperties(["id", "emailIds"], properties);
  const wantedIds = readIds(context, ids);
  if (!wantedIds) throw new MethodFailure("requestTooLarge", "Name the threads");
  const reader = context.deps.mail.store.read;
  const state = (await mailState(reader, access)).Thread;
  const threads = await readThreads(reader, access, wantedIds);
  const list = threads.map((thread) => ({ id: thread.id, emailIds: thread.messageIds }));
  return getResponse(accountId, state, list, wantedIds, wanted);
};
