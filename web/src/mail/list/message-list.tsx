import type { Id } from "@bouquet/contract/jmap.ts";
import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { useMailText } from "../../i18n/mail.ts";
import { useUiText } from "../../i18n/ui.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../../ui/feedback.tsx";
import { useAppearance } from "../../ui/theme/appearance.ts";
import { keys, type ListItem, type ThreadData } from "../jmap/account-cache.ts";
import { useCache } from "../jmap/accounts.ts";
import { useMessageList } from "../jmap/list.ts";
import { loadThread } from "../jmap/load-threads.ts";
import { listFilter } from "../search/parse-search.ts";
import { useSnippets } from "../search/use-snippets.ts";
import { useOwnAddresses } from "../use-own-addresses.ts";
import { addressOf, type MailView, scopeOf } from "../view.ts";
import { MessageRow } from "./message-row.tsx";

const phone = window.matchMedia("(max-width: 760px)");

function useRowHeight(): number {
  const isPhone = useSyncExternalStore(
    (listener) => {
      phone.addEventListener("change", listener);
      return () => phone.removeEventListener("change", listener);
    },
    () => phone.matches,
  );
  return useAppearance().density === "compact" && !isPhone ? 64 : 92;
}

/** The list that a view asks for. */
export function useViewList(view: MailView) {
  const scope = scopeOf(view);
  const without = view.mailboxes
    .filter(({ role }) => role === "trash" || role === "junk")
    .map((mailbox) => mailbox.id)
    .join();
  const filter = useMemo(
    () => listFilter(scope.mailboxId, scope.search, without === "" ? [] : without.split(",")),
    [scope.mailboxId, scope.search, without],
  );
  return { ...useMessageList({ accountId: view.account.id, scope, filter }), filter, scope };
}

interface Props {
  readonly view: MailView;
  readonly list: ReturnType<typeof useViewList>;
  readonly selected: ReadonlySet<Id>;
  readonly onSelect: (item: ListItem, isRange: boolean) => void;
  readonly onOpenDraft: (item: ListItem) => void;
  /** Keys of actions on the row that has the focus: e, Delete, u… True when it was one. */
  readonly onActionKey: (key: string, item: ListItem) => boolean;
}

/** The conversations, as many as there are; rows beyond the screen are not drawn. */
export function MessageList({ view, list, selected, onSelect, onOpenDraft, onActionKey }: Props) {
  const t = useMailText();
  const cache = useCache(view.account.id);
  const own = useOwnAddresses();
  const box = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const items = list.data?.items ?? none;
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (at) => items[at]?.emailId ?? at,
    overscan: 8,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measures again when the height of rows changes
  useEffect(() => rows.measure(), [height, rows]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new list begins at its top
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
  }, [view.account.id, list.scope.mailboxId, list.scope.search]);

  const visible = rows.getVirtualItems();
  const last = visible.at(-1)?.index ?? 0;
  const { loadMore, data, moreError } = list;
  useEffect(() => {
    // After a failure it is for the person to try again.
    if (moreError === null && data && data.items.length < data.total && last >= data.items.length - 15) void loadMore();
  }, [data, last, loadMore, moreError]);

  const shown = visible.flatMap((row) => {
    const item = items[row.index];
    return item ? [{ row, item }] : [];
  });
  const threads = useQueries({
    queries: shown.map(({ item }) => ({
      queryKey: keys.thread(view.account.id, item.threadId),
      queryFn: async (): Promise<ThreadData> => {
        await loadThread(cache, item.threadId);
        return cache.thread(item.threadId) ?? { id: item.threadId, emails: [] };
      },
    })),
  });
  const snippets = useSnippets(
    view.account.id,
    list.scope.search,
    list.filter,
    useMemo(() => items.map((item) => item.emailId), [items]),
  );
  const { search, everywhere, account, mailbox } = view;
  const link = useMemo(
    () => ({
      ...addressOf(account, mailbox),
      search: search === "" ? {} : { q: search, ...(everywhere && { all: true as const }) },
    }),
    [account, mailbox, search, everywhere],
  );
  const isDrafts = mailbox?.role === "drafts";

  if (list.isPending) return <SkeletonRows count={7} />;
  if (list.error && !data) return <ListProblem onRetry={() => void list.refetch()} />;
  if (items.length === 0) return <EmptyList view={view} />;

  const focusRow = (at: number) => {
    const item = items[at];
    if (!item) return;
    rows.scrollToIndex(at);
    const focus = () => {
      const link = box.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(item.emailId)}"]`);
      link?.focus();
      if (link && view.threadId && !isDrafts && !phone.matches) link.click();
      return link;
    };
    // A row far away is drawn only after the scroll.
    if (!focus()) requestAnimationFrame(focus);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = (event.target as Element).closest<HTMLElement>("[data-item]");
    const at = items.findIndex((item) => item.emailId === target?.dataset.item);
    const item = items[at];
    if (!item) return;
    if (event.key === "ArrowDown" || event.key === "j") focusRow(at + 1);
    else if (event.key === "ArrowUp" || event.key === "k") focusRow(at - 1);
    else if (event.key === "Home") focusRow(0);
    else if (event.key === "End") focusRow(items.length - 1);
    else if (event.key === "x") onSelect(item, event.shiftKey);
    else if (!onActionKey(event.key, item)) return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the rows bubble here; each row is a link
    <div className="mail-rows" ref={box} onKeyDown={onKeyDown}>
      {/* biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtualizer */}
      <div role="list" aria-label={t.messages} style={{ height: rows.getTotalSize(), position: "relative" }}>
        {shown.map(({ row, item }, at) => {
          const thread = threads[at]?.data;
          return (
            // biome-ignore lint/a11y/useSemanticElements: see the list
            <div
              key={row.key}
              role="listitem"
              aria-setsize={data?.total ?? -1}
              aria-posinset={row.index + 1}
              className="mrow"
              data-item={item.emailId}
              data-selected={selected.has(item.emailId) || undefined}
              style={{ height, transform: `translateY(${row.start}px)` }}
            >
              {thread && (
                <MessageRow
                  item={item}
                  thread={thread}
                  collapse={list.scope.collapse}
                  isOutgoing={isDrafts || mailbox?.role === "sent"}
                  own={own}
                  isOpen={view.threadId === item.threadId}
                  isSelected={selected.has(item.emailId)}
                  snippet={snippets.get(item.emailId)}
                  link={link}
                  onPress={isDrafts ? onOpenDraft : undefined}
                  onSelect={onSelect}
                />
              )}
            </div>
          );
        })}
      </div>
      {moreError !== null && <ListProblem text={t.moreFailed} onRetry={() => void loadMore()} />}
    </div>
  );
}

const none: readonly ListItem[] = [];

function ListProblem({ text, onRetry }: { text?: string; onRetry: () => void }) {
  const t = useMailText();
  const ui = useUiText();
  return (
    <div style={{ padding: 16 }}>
      <Banner tone="warn" action={{ label: ui.retry, run: onRetry }}>
        {text ?? t.loadFailed}
      </Banner>
    </div>
  );
}

function EmptyList({ view }: { view: MailView }) {
  const t = useMailText();
  if (view.search !== "") {
    return (
      <EmptyState drawing="search" title={t.foundNothingTitle}>
        {t.foundNothingText}
      </EmptyState>
    );
  }
  const kind = view.mailbox?.role ?? "other";
  return (
    <EmptyState drawing={kind === "inbox" ? "mailbox" : "folder"} title={t.emptyTitle[kind]}>
      {t.emptyText[kind]}
    </EmptyState>
  );
}
