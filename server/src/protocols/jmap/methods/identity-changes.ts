import type { Method } from "../method.ts";
import { opaqueChanges, opaqueState } from "../opaque-state.ts";
import { readIdentities } from "./identity-get.ts";

/** RFC 8621 section 6.2. */
export const identityChanges: Method<"Identity/changes"> = (context, given) =>
  opaqueChanges(given, async (accountId) =>
    opaqueState(await readIdentities(context, await context.accounts.open(accountId))),
  );
