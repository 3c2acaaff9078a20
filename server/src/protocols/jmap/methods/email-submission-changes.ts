import type { Method } from "../method.ts";
import { opaqueChanges } from "../opaque-state.ts";
import { loadSubmissions } from "../submission-state.ts";

/** RFC 8621 section 7.2. */
export const emailSubmissionChanges: Method<"EmailSubmission/changes"> = (context, given) =>
  opaqueChanges(
    given,
    async (accountId) => (await loadSubmissions(context, await context.accounts.open(accountId))).state,
  );
