import type { Id } from "@bouquet/contract/jmap.ts";
import type { FilterRules, FilterRulesState } from "@bouquet/contract/jmap-filters.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
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

export function useFilters(accountId: Id) {
  return useQuery(filtersQuery(accountId));
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
 * Changes what the account's filters are: shown at once, and taken back when the server refuses. What somebody else has changed
 * meanwhile is not overwritten.
 * @param options.saysProblem false where a form says it beside its fields
 */
export function useSaveFilters(accountId: Id, { saysProblem = true } = {}) {
  const queries = useQueryClient();
  const explain = useFilterErrorText();
  const key = keys.filters(accountId);
  return useMutation({
    // One after the other: each starts from the state that the one before has left.
    scope: { id: `filters ${accountId}` },
    mutationFn: async (change: (rules: FilterRules) => FilterRules) => {
      const known: FilterRulesState =
        queries.getQueryData<FilterRulesState>(key) ?? (await queries.fetchQuery(filtersQuery(accountId)));
      const rules = change(known.rules ?? noRules);
      queries.setQueryData<FilterRulesState>(key, { ...known, rules });
      try {
        const { error, newState } = await call("FilterRules/set", { accountId, ifInState: known.state, rules });
        if (error) throw new JmapError(error);
        queries.setQueryData<FilterRulesState>(key, { ...known, rules, state: newState });
      } catch (error) {
        queries.setQueryData<FilterRulesState>(key, known);
        void queries.invalidateQueries({ queryKey: key });
        throw error;
      }
    },
    onError: (error) => {
      if (saysProblem) toastProblem(explain(error));
    },
  });
}

export const noRules: FilterRules = { vacation: null, forward: null, rules: [] };
