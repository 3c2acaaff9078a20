import type { SieveScript } from "@bouquet/contract/jmap-filters.ts";
import { listScripts, scriptState } from "../../../domain/mail/filters/read-scripts.ts";
import type { Method } from "../method.ts";
import { readArguments } from "../read-arguments.ts";
import { getResponse, getShape, readIds, readProperties } from "../standard-get.ts";

const properties = ["id", "name", "blobId", "isActive"] as const satisfies readonly (keyof SieveScript)[];

/** RFC 9661 section 2.1. */
export const sieveScriptGet: Method<"SieveScript/get"> = async (context, given) => {
  const { accountId, ids, properties: names } = readArguments(given, getShape);
  const access = await context.accounts.open(accountId);
  const wanted = readProperties(properties, names);
  const { read } = context.deps.mail.store;
  const state = await scriptState(read, access);
  const scripts = (await listScripts(read, access)).map(({ id, name, blobId, isActive }) => ({
    id,
    name,
    blobId,
    isActive,
  }));
  return getResponse(accountId, state, scripts, readIds(context, ids), wanted);
};
