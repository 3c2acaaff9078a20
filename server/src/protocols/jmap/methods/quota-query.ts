import { conditionOf, filterOf, matchesFilter } from "../filter.ts";
import { MethodFailure } from "../jmap-errors.ts";
import type { Method } from "../method.ts";
import { opaqueState } from "../opaque-state.ts";
import { nullable, readArguments, text } from "../read-arguments.ts";
import { queryShape, windowOf } from "../standard-query.ts";
import { readQuotas } from "./quota-get.ts";

const quotaFilter = filterOf(conditionOf({ name: text, scope: text, resourceType: text, type: text }));

/** RFC 9425 section 4.4. */
export const quotaQuery: Method<"Quota/query"> = async (context, given) => {
  const { accountId, filter, sort, ...window } = readArguments(given, { ...queryShape, filter: nullable(quotaFilter) });
  if (sort?.some(({ property }) => property !== "name" && property !== "used"))
    throw new MethodFailure("unsupportedSort");
  const quotas = await readQuotas(context, await context.accounts.open(accountId));
  const found = quotas.filter(
    (quota) =>
      !filter ||
      matchesFilter(
        filter,
        ({ name, scope, resourceType, type }) =>
          (name === undefined || quota.name.includes(name)) &&
          (scope === undefined || quota.scope === scope) &&
          (resourceType === undefined || quota.resourceType === resourceType) &&
          (type === undefined || quota.types.includes(type)),
      ),
  );
  return {
    accountId,
    queryState: opaqueState(quotas),
    canCalculateChanges: false,
    ...windowOf(
      found.map((quota) => quota.id),
      window,
      Number.MAX_SAFE_INTEGER,
    ),
  };
};
