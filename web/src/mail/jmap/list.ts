import type { FilterOf, Id } from "@bouquet/contract/jmap.ts";
import type { EmailFilter } from "@bouquet/contract/jmap-mail.ts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { type AccountCache, cacheOf, keys, type ListData, type ListItem, type ListScope } from "./account-cache.ts";
import { Batch, JmapError, resultOf } from "./client.ts";
import { addThreadCalls, loadThreadsOf, takeThreads } from "./load-threads.ts";

const pageSize = 40;
/** The server gives at most as many ids at once. */
const maxIds = 5000;

export interface ListRequest {
  readonly accountId: Id;
  readonly scope: ListScope;
  readonly filter: FilterOf<EmailFilter>;
}

const newestFirst = [{ property: "receivedAt", isAscending: false }];

function queryArguments({ accountId, scope, filter }: ListRequest) {
  return { accountId, filter, sort: newestFirst, collapseThreads: scope.collapse, calculateTotal: true };
}

type Window = { position: number } | { anchor: Id; anchorOffset: number };

/** A page with its conversations, in one request. */
async function loadPage(cache: AccountCache, list: ListRequest, window: Window, signal?: AbortSignal) {
  const batch = new Batch();
  const { accountId } = list;
  const query = batch.add("Email/query", { ...queryArguments(list), ...window, limit: pageSize });
  const ofThreads = batch.add("Email/get", {
    accountId,
    "#ids": resultOf(query, "/ids"),
    properties: ["id", "threadId"],
  });
  const calls = addThreadCalls(batch, accountId, ofThreads);
  const answers = await batch.send(signal);
  const { ids, total, position } = answers.of(query);
  await takeThreads(cache, answers, calls);
  return { items: itemsOf(cache, ids), total: total ?? position + ids.length };
}

function itemsOf(cache: AccountCache, ids: readonly Id[]): ListItem[] {
  return ids.flatMap((emailId) => {
    const threadId = cache.threadIdOf(emailId);
    return threadId === undefined ? [] : [{ emailId, threadId }];
  });
}

/** As much of a list as was loaded, as it is now; conversations that are known are not read again. */
async function readList(cache: AccountCache, list: ListRequest, signal: AbortSignal): Promise<ListData> {
  const known = cache.queries.getQueryData<ListData>(keys.list(list.accountId, list.scope));
  if (!known || known.items.length === 0) return loadPage(cache, list, { position: 0 }, signal);
  const limit = Math.min(Math.max(pageSize, known.items.length), maxIds);
  const batch = new Batch();
  const query = batch.add("Email/query", { ...queryArguments(list), position: 0, limit });
  const { ids, total } = (await batch.send(signal)).of(query);
  await loadThreadsOf(
    cache,
    ids.filter((emailId) => !cache.threadOf(emailId)),
  );
  return { items: itemsOf(cache, ids), total: total ?? ids.length };
}

/** A list of messages, newest first, that grows by `loadMore`. */
export function useMessageList(list: ListRequest) {
  const queries = useQueryClient();
  const cache = cacheOf(queries, list.accountId);
  const key = keys.list(list.accountId, list.scope);
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readList(cache, list, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 600_000,
  });
  const loading = useRef<string | null>(null);
  const [moreError, setMoreError] = useState<unknown>(null);

  const loadMore = useCallback(async () => {
    const data = queries.getQueryData<ListData>(key);
    const last = data?.items.at(-1);
    const token = JSON.stringify(key);
    if (!data || !last || data.items.length >= data.total || loading.current === token) return;
    loading.current = token;
    try {
      const next = await loadPage(cache, list, { anchor: last.emailId, anchorOffset: 1 }).catch((error: unknown) => {
        if (!(error instanceof JmapError) || error.type !== "anchorNotFound") throw error;
        return loadPage(cache, list, { position: data.items.length });
      });
      queries.setQueryData<ListData>(key, (now) => {
        const items = now?.items ?? [];
        const seen = new Set(items.map((item) => item.emailId));
        const fresh = next.items.filter((item) => !seen.has(item.emailId));
        // A page without anything new is the end, whatever the total says.
        return { items: [...items, ...fresh], total: fresh.length === 0 ? items.length : next.total };
      });
      setMoreError(null);
    } catch (error) {
      setMoreError(error);
    } finally {
      if (loading.current === token) loading.current = null;
    }
  }, [queries, cache, list, key]);

  return { ...query, loadMore, moreError };
}
