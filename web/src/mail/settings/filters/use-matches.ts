import type { Id } from "@bouquet/contract/jmap.ts";
import type { FilterRule } from "@bouquet/contract/jmap-filters.ts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { countMatches, ruleFilter } from "./rule-query.ts";

/** How many messages of the inbox a rule would take, half a second after its last change; null while that is not known. */
export function useMatches(accountId: Id, rule: FilterRule | null, inboxId: Id | undefined): number | null {
  const filter = rule && inboxId !== undefined ? ruleFilter(rule, inboxId) : null;
  const wanted = JSON.stringify(filter);
  const [asked, ask] = useState("null");
  useEffect(() => {
    const timer = setTimeout(() => ask(wanted), 500);
    return () => clearTimeout(timer);
  }, [wanted]);
  const { data } = useQuery({
    queryKey: ["jmap", accountId, "rule-matches", asked],
    queryFn: ({ signal }) => countMatches(accountId, JSON.parse(asked), signal),
    enabled: asked !== "null",
    staleTime: 10_000,
    gcTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return filter === null || asked === "null" ? null : (data ?? null);
}
