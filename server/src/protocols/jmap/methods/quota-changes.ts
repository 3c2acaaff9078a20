import type { Method } from "../method.ts";
import { opaqueChanges, opaqueState } from "../opaque-state.ts";
import { readQuotas } from "./quota-get.ts";

/** RFC 9425 section 4.3. */
export const quotaChanges: Method<"Quota/changes"> = async (context, given) => {
  const changes = await opaqueChanges(given, async (accountId) =>
    opaqueState(await readQuotas(context, await context.accounts.open(accountId))),
  );
  return { ...changes, updatedProperties: null };
};
