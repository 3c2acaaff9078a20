import type { FilterOf, Id } from "@bouquet/contract/jmap.ts";
import type { EmailFilter, SearchSnippet } from "@bouquet/contract/jmap-mail.ts";
import { useQuery } from "@tanstack/react-query";
import { keys } from "../jmap/account-cache.ts";
import { call } from "../jmap/client.ts";

const atOnce = 100;

/** Where a search was found in the messages of a list. Not known yet, or not at all, is an empty map: the list shows its own text. */
export function useSnippets(
  accountId: Id,
  search: string,
  filter: FilterOf<EmailFilter>,
  emailIds: readonly Id[],
): ReadonlyMap<Id, SearchSnippet> {
  const { data } = useQuery<ReadonlyMap<Id, SearchSnippet>>({
    queryKey: [...keys.snippets(accountId, search), emailIds],
    enabled: search !== "" && emailIds.length > 0,
    placeholderData: (before) => before,
    gcTime: 60_000,
    queryFn: async ({ signal }) => {
      const found = new Map<Id, SearchSnippet>();
      for (let at = 0; at < emailIds.length; at += atOnce) {
        const ids = emailIds.slice(at, at + atOnce);
        const { list } = await call("SearchSnippet/get", { accountId, filter, emailIds: ids }, signal);
        for (const snippet of list) found.set(snippet.emailId, snippet);
      }
      return found;
    },
  });
  return data ?? none;
}

const none: ReadonlyMap<Id, SearchSnippet> = new Map();
