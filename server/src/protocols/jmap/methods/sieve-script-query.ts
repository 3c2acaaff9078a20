import { listScripts, scriptState } from "../../../domain/mail/filters/read-scripts.ts";
import { conditionOf, filterOf, matchesFilter } from "../filter.ts";
import { MethodFailure } from "../jmap-errors.ts";
import type { Method } from "../method.ts";
import { bool, nullable, readArguments, text } from "../read-arguments.ts";
import { queryShape, windowOf } from "../standard-query.ts";

const scriptFilter = filterOf(conditionOf({ name: text, isActive: bool }));

/** RFC 9661 section 2.3. */
export const sieveScriptQuery: Method<"SieveScript/query"> = async (context, given) => {
  const { accountId, filter, sort, ...window } = readArguments(given, {
    ...queryShape,
    filter: nullable(scriptFilter),
  });
  if (sort?.some(({ property }) => property !== "name" && property !== "isActive")) {
    throw new MethodFailure("unsupportedSort");
  }
  const access = await context.accounts.open(accountId);
  const { read } = context.deps.mail.store;
  const queryState = await scriptState(read, access);
  const found = (await listScripts(read, access)).filter(
    (script) =>
      !filter ||
      matchesFilter(
        filter,
        ({ name, isActive }) =>
          (name === undefined || script.name.toLowerCase().includes(name.toLowerCase())) &&
          (isActive === undefined || script.isActive === isActive),
      ),
  );
  const compare = (a: (typeof found)[number], b: (typeof found)[number]): number => {
    for (const { property, isAscending } of sort ?? []) {
      const order = property === "name" ? a.name.localeCompare(b.name) : Number(a.isActive) - Number(b.isActive);
      if (order !== 0) return isAscending ? order : -order;
    }
    return 0;
  };
  const ids = found.sort(compare).map(({ id }) => id);
  return { accountId, queryState, canCalculateChanges: false, ...windowOf(ids, window, Number.MAX_SAFE_INTEGER) };
};
