import type { RecoverableMailbox, RecoverableMessage } from "@bouquet/contract/mail-recovery.ts";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { FolderX, RotateCcw, X } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useSession } from "../../api/session.ts";
import { formatBytes, formatDateInSentence } from "../../i18n/format.ts";
import { useMailRecoveryText } from "../../i18n/mail-recovery.ts";
import { useLanguage } from "../../i18n/text.ts";
import { useUiText } from "../../i18n/ui.ts";
import { useTitle } from "../../shell/title.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../../ui/feedback.tsx";
import { Checkbox, SearchField } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Select } from "../../ui/select.tsx";
import { type MailAccount, useJmap } from "../jmap/accounts.ts";
import { MailFrame } from "../mail-frame.tsx";
import { groupByDay } from "./group-by-day.ts";
import { RecoverableRow } from "./recoverable-row.tsx";
import { readRecoverySearch } from "./recovery-search.ts";
import { useRecoverable, useRestore } from "./use-recovery.ts";

/** What was deleted and can still be brought back: folders first, then messages by the day they were deleted. */
export function RecoveryPage() {
  const t = useMailRecoveryText();
  useTitle(t.title);
  const { accounts, own } = useJmap();
  const { account: wanted } = readRecoverySearch(useSearch({ strict: false }));
  const account = accounts.find(({ id }) => id === wanted) ?? own;
  const [text, setText] = useState("");
  return (
    <MailFrame head={<SearchField label={t.search} value={text} onChange={setText} />}>
      <Sheet key={account.id} account={account} text={text} />
    </MailFrame>
  );
}

function Sheet({ account, text }: { account: MailAccount; text: string }) {
  const t = useMailRecoveryText();
  const ui = useUiText();
  const navigate = useNavigate();
  const { accounts } = useJmap();
  const sought = useDeferredValue(text.trim());
  const { data, error, isPending, isError, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useRecoverable(
    account.id,
    sought,
  );
  const days = data?.pages[0]?.days ?? 14;
  const folders = (data?.pages[0]?.mailboxes ?? []).filter(({ path }) =>
    path.join(" ").toLocaleLowerCase().includes(sought.toLocaleLowerCase()),
  );
  const messages = data?.pages.flatMap((page) => page.messages) ?? [];
  const isEmpty = data !== undefined && folders.length === 0 && messages.length === 0;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="sheet mp" tabIndex={0} aria-label={t.title}>
      <div className="mp-head">
        <div className="row">
          <h1 className="grow">{t.title}</h1>
          {accounts.length > 1 && (
            <Select
              label={t.mailbox}
              hideLabel
              value={account.id}
              onChange={(id) => void navigate({ to: "/recovery", search: { account: id } })}
              choices={accounts.map(({ id, name, isOwn }) => ({ id, label: isOwn ? t.mine : name }))}
            />
          )}
        </div>
        <p className="muted">{t.intro(days)}</p>
      </div>
      {isPending && <SkeletonRows count={6} />}
      {error && !data && (
        <div className="mp-note">
          <Banner tone="warn" action={{ label: ui.retry, run: () => void refetch() }}>
            {t.loadFailed}
          </Banner>
        </div>
      )}
      {isEmpty &&
        (sought === "" ? (
          <EmptyState drawing="hedge" level={2} title={t.emptyTitle}>
            {t.emptyText(days)}
          </EmptyState>
        ) : (
          <EmptyState drawing="search" level={2} title={t.noneFoundTitle}>
            {t.noneFoundText}
          </EmptyState>
        ))}
      {folders.length > 0 && <DeletedFolders accountId={account.id} folders={folders} />}
      {messages.length > 0 && <DeletedMessages accountId={account.id} messages={messages} />}
      {data && isError && (
        <div className="mp-note">
          <Banner tone="warn" action={{ label: ui.retry, run: () => void fetchNextPage() }}>
            {t.moreFailed}
          </Banner>
        </div>
      )}
      {hasNextPage && !isError && (
        <div className="mp-more">
          <Button isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            {t.more}
          </Button>
        </div>
      )}
      {data && !isEmpty && !hasNextPage && sought === "" && <p className="small muted end">{t.end(days)}</p>}
    </section>
  );
}

function DeletedFolders({ accountId, folders }: { accountId: string; folders: readonly RecoverableMailbox[] }) {
  const t = useMailRecoveryText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const restore = useRestore(accountId);
  const [working, setWorking] = useState<string | null>(null);
  return (
    <section>
      <h2>{t.folders}</h2>
      <ul>
        {folders.map((folder) => {
          const name = folder.path.at(-1) ?? "";
          const above = folder.path.slice(0, -1).join(" / ");
          return (
            <li key={folder.id} className="mp-row plain">
              <span className="mp-tile">
                <Icon of={FolderX} />
              </span>
              <div className="what">
                <span className="clip">
                  {above && <span className="muted">{above} / </span>}
                  <span className="strong">{name}</span>
                </span>
                <span className="small muted clip">
                  {t.content(folder.messages, formatBytes(language, folder.size))}
                  {" · "}
                  {t.deletedAt(formatDateInSentence(folder.deletedAt, { language, timeZone }))}
                </span>
              </div>
              <Button
                size="sm"
                icon={RotateCcw}
                aria-label={t.restoreFolder(name)}
                isPending={working === folder.id}
                onPress={() => {
                  setWorking(folder.id);
                  void restore.mailbox(folder).finally(() => setWorking(null));
                }}
              >
                {t.restore}
              </Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function DeletedMessages({ accountId, messages }: { accountId: string; messages: readonly RecoverableMessage[] }) {
  const t = useMailRecoveryText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const restore = useRestore(accountId);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isWorking, setWorking] = useState(false);
  // What has been brought back is chosen no more.
  const picked = messages.filter(({ id }) => chosen.has(id));
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const bringBack = async (some: readonly RecoverableMessage[]) => {
    setWorking(true);
    if (await restore.messages(some)) setChosen(new Set());
    setWorking(false);
  };
  return (
    <>
      <div className="mp-bar" data-some={picked.length > 0 || undefined}>
        <Checkbox
          hideLabel={picked.length > 0}
          isSelected={picked.length === messages.length}
          isIndeterminate={picked.length > 0 && picked.length < messages.length}
          onChange={(on) => setChosen(new Set(on ? messages.map(({ id }) => id) : []))}
        >
          {t.selectAll}
        </Checkbox>
        <span className="grow clip strong" role="status">
          {picked.length > 0 && t.selected(picked.length)}
        </span>
        {picked.length > 0 && (
          <>
            <Button variant="primary" icon={RotateCcw} isPending={isWorking} onPress={() => void bringBack(picked)}>
              {t.restore}
            </Button>
            <IconButton label={t.clear} icon={X} onPress={() => setChosen(new Set())} />
          </>
        )}
      </div>
      {groupByDay(messages, ({ deletedAt }) => deletedAt, { language, timeZone }).map((group) => (
        <section key={group.key}>
          <h2>{group.ago === 0 ? t.today : group.ago === 1 ? t.yesterday : t.onDay(group.day)}</h2>
          <ul>
            {group.items.map((message) => (
              <RecoverableRow
                key={message.id}
                accountId={accountId}
                message={message}
                isSelected={chosen.has(message.id)}
                onSelect={(on) => toggle(message.id, on)}
                onRestore={isWorking ? undefined : () => void bringBack([message])}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
