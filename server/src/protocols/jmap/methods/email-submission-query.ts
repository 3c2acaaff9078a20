import type { Comparator } from "@bouquet/contract/jmap.ts";
import type { EmailSubmission } from "@bouquet/contract/jmap-mail.ts";
import { conditionOf, filterOf, matchesFilter } from "../filter.ts";
import { MethodFailure } from "../jmap-errors.ts";
import type { Method } from "../method.ts";
import { id, listOf, nullable, readArguments, text, utcDate } from "../read-arguments.ts";
import { queryShape, windowOf } from "../standard-query.ts";
import { loadSubmissions } from "../submission-state.ts";

const submissionFilter = filterOf(
  conditionOf({
    identityIds: listOf(id),
    emailIds: listOf(id),
    threadIds: listOf(id),
    undoStatus: text,
    before: utcDate,
    after: utcDate,
  }),
);

/** RFC 8621 section 7.3. */
export const emailSubmissionQuery: Method<"EmailSubmission/query"> = async (context, given) => {
  const { accountId, filter, sort, ...window } = readArguments(given, {
    ...queryShape,
    filter: nullable(submissionFilter),
  });
  const access = await context.accounts.open(accountId);
  const compare = comparison(sort ?? []);
  const { state, list } = await loadSubmissions(context, access);
  const found = list.filter(
    (each) =>
      !filter ||
      matchesFilter(
        filter,
        ({ identityIds, emailIds, threadIds, undoStatus, before, after }) =>
          (identityIds?.includes(each.identityId) ?? true) &&
          (emailIds?.includes(each.emailId) ?? true) &&
          (threadIds?.includes(each.threadId) ?? true) &&
          (undoStatus === undefined || each.undoStatus === undoStatus) &&
          (before === undefined || new Date(each.sendAt) < before) &&
          (after === undefined || new Date(each.sendAt) >= after),
      ),
  );
  const ids = found.sort(compare).map((each) => each.id);
  return { accountId, queryState: state, canCalculateChanges: false, ...windowOf(ids, window, 5_000) };
};

function comparison(sort: readonly Comparator[]): (a: EmailSubmission, b: EmailSubmission) => number {
  const keys: Record<string, "emailId" | "threadId" | "sendAt"> = {
    emailId: "emailId",
    threadId: "threadId",
    sentAt: "sendAt",
  };
  const steps = sort.map(({ property, isAscending }) => {
    const key = Object.hasOwn(keys, property) ? keys[property] : undefined;
    if (!key) throw new MethodFailure("unsupportedSort");
    return { key, direction: isAscending === false ? -1 : 1 };
  });
  return (a, b) => {
    for (const { key, direction } of steps) {
      if (a[key] !== b[key]) return a[key] < b[key] ? -direction : direction;
    }
    return 0;
  };
}
