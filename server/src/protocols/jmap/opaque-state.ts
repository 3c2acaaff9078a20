import { createHash } from "node:crypto";
import type { ChangesResponse } from "@bouquet/contract/jmap.ts";
import { MethodFailure } from "./jmap-errors.ts";
import { type JsonObject, readArguments } from "./read-arguments.ts";
import { changesShape } from "./standard-changes.ts";

/** A state of data that no feed counts: made from the data itself. */
export function opaqueState(data: unknown): string {
  return createHash("sha256").update(JSON.stringify(data)).digest("base64url").slice(0, 22);
}

/**
 * /changes of such data: nothing has changed, or it cannot be told what.
 * @throws MethodFailure `cannotCalculateChanges`
 */
export async function opaqueChanges(
  given: JsonObject,
  readState: (accountId: string) => Promise<string>,
): Promise<ChangesResponse> {
  const { accountId, sinceState } = readArguments(given, changesShape);
  const state = await readState(accountId);
  if (state !== sinceState) throw new MethodFailure("cannotCalculateChanges");
  return {
    accountId,
    oldState: state,
    newState: state,
    hasMoreChanges: false,
    created: [],
    updated: [],
    destroyed: [],
  };
}
