import type { EmailSubmission } from "@bouquet/contract/jmap-mail.ts";
import type { Method } from "../method.ts";
import { readArguments } from "../read-arguments.ts";
import { getResponse, getShape, readIds, readProperties } from "../standard-get.ts";
import { loadSubmissions } from "../submission-state.ts";

const properties = [
  "id",
  "identityId",
  "emailId",
  "threadId",
  "envelope",
  "sendAt",
  "undoStatus",
  "deliveryStatus",
  "dsnBlobIds",
  "mdnBlobIds",
] as const satisfies readonly (keyof EmailSubmission)[];

/** RFC 8621 section 7.1. */
export const emailSubmissionGet: Method<"EmailSubmission/get"> = async (context, given) => {
  const { accountId, ids, properties: names } = readArguments(given, getShape);
  const access = await context.accounts.open(accountId);
  const wanted = readProperties(properties, names);
  const wantedIds = readIds(context, ids);
  const { state, list } = await loadSubmissions(context, access);
  const newest = wantedIds ?? list.slice(0, context.deps.limits.maxObjectsInGet).map((each) => each.id);
  return getResponse(accountId, state, list, newest, wanted);
};
