import type { Id } from "@bouquet/contract/jmap.ts";
import type { FilterRules, FilterRulesState } from "@bouquet/contract/jmap-filters.ts";
import { useMutation, useMutationState, useQuery, useQueryClient } from "@tanstack/react-query";
import { useErrorText } from "../../api/error-text.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { useUiText } from "../../i18n/ui.ts";
import { toastProblem } from "../../ui/toast.tsx";
import { keys } from "../jmap/account-cache.ts";
import { call, JmapError } from "../jmap/client.ts";

export function filtersQuery(accountId: Id) {
  return {
    queryKey: keys.filters(accountId),
    queryFn: (): Promise<FilterRulesState> => call("FilterRules/get", { accountId }),
    staleTime: 60_000,
  };
}

/** The filters of an account as the server has them. */
export function useFilters(accountId: Id) {
  return useQuery(filtersQuery(accountId));
}

type Change = (rules: FilterRules) => FilterRules;

const savingKey = (accountId: Id) => ["save filters", accountId];

/** The filters with what is being saved: a change that the server refuses goes away by itself. */
export function useFiltersAsChanged(accountId: Id) {
  const changes = useMutationState({
    filters: { mutationKey: savingKey(accountId), status: "pending" },
    select: ({ state }) => state.variables as Change,
  });
  return useQuery({
    ...filtersQuery(accountId),
    select: (known) =>
      changes.length === 0
        ? known
        : { ...known, rules: changes.reduce((rules, change) => change(rules), known.rules ?? noRules) },
  });
}

/** The sentence for what a filter method refused. */
export function useFilterErrorText(): (error: unknown) => string {
  const t = useMailSettingsText();
  const ui = useUiText();
  const errorText = useErrorText();
  return (error) => {
    if (!(error instanceof JmapError)) return errorText(error);
    if (error.type === "stateMismatch") return t.changedElsewhere;
    if (error.type === "forbidden") return t.noRight;
    if (error.type === "overQuota") return ui.errors.over_quota;
    if (error.type === "invalidProperties" || error.type === "invalidArguments") return t.filters.checkFields;
    return ui.errors.internal;
  };
}

/**
 * Changes what the account's filters are. What somebody else has changed meanwhile is not overwritten.
 * @param options.saysProblem false where a form says it beside its fields
 */
export function useSaveFilters(accountId: Id, { saysProblem = true } = {}) {
  const queries = useQueryClient();
  const explain = useFilterErrorText();
  const key = keys.filters(accountId);
  return useMutation({
    mutationKey: savingKey(accountId),
    // One after the other: each starts from the state that the one before has left.
    scope: { id: `filters ${accountId}` },
    mutationFn: async (change: Change) => {
      const known: FilterRulesState =
        queries.getQueryData<FilterRulesState>(key) ?? (await queries.fetchQuery(filtersQuery(accountId)));
      const rules = change(known.rules ?? noRules);
      try {
        const { error, newState } = await call("FilterRules/set", { accountId, ifInState: known.state, rules });
        if (error) throw new JmapError(error);
        queries.setQueryData<FilterRulesState>(key, { ...known, rules, state: newState });
      } finally {
        // An answer on its way may have been read before the change.
        void queries.invalidateQueries({ queryKey: key });
      }
    },
    onError: (error) => {
      if (saysProblem) toastProblem(explain(error));
    },
  });
}

export const noRules: FilterRules = { vacation: null, forward: null, rules: [] };
