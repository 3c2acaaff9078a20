import type { QueryChangesResponse } from "@bouquet/contract/jmap.ts";
import { MethodFailure } from "./jmap-errors.ts";
import type { CallContext } from "./method.ts";
import { anything, type JsonObject, optional, readArguments } from "./read-arguments.ts";
import { queryChangesShape } from "./standard-query.ts";

/**
 * /queryChanges of types whose /query says `canCalculateChanges: false`: the client queries again.
 * @throws MethodFailure `cannotCalculateChanges`, once the arguments were found right
 */
export async function noQueryChanges(context: CallContext, given: JsonObject): Promise<QueryChangesResponse> {
  const shape = { ...queryChangesShape, filter: optional(anything), collapseThreads: optional(anything) };
  const { accountId } = readArguments(given, shape);
  await context.accounts.open(accountId);
  throw new MethodFailure("cannotCalculateChanges", "Query again");
}
