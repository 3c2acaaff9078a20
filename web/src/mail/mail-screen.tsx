import type { Id } from "@bouquet/contract/jmap.ts";
import { PenLine, Reply, ReplyAll } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useMailText } from "../i18n/mail.ts";
import { useTitle } from "../shell/title.ts";
import { Workspace } from "../ui/app-shell.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { SearchField } from "../ui/field.tsx";
import { SegmentedControl } from "../ui/segmented.tsx";
import { setAppearance, useAppearance } from "../ui/theme/appearance.ts";
import { useThreadActions } from "./actions/thread-actions.ts";
import { useCompose } from "./composer/composer-context.ts";
import type { ListItem } from "./jmap/account-cache.ts";
import { ListHead } from "./list/list-head.tsx";
import { MessageList, useViewList } from "./list/message-list.tsx";
import { useSelection } from "./list/use-selection.ts";
import { MailNav } from "./navigation/mail-nav.tsx";
import { useMailboxName } from "./navigation/mailbox-name.ts";
import { Conversation, useOpenThread } from "./reading/conversation.tsx";
import { OriginalDialog } from "./reading/original-dialog.tsx";
import { type AnswerKind, ReadingTools } from "./reading/reading-tools.tsx";
import { type MailView, useGo, useMailView } from "./view.ts";

/** Navigation, list and open conversation. */
export function MailScreen() {
  const t = useMailText();
  const view = useMailView();
  const go = useGo(view);
  const compose = useCompose();
  const nameOf = useMailboxName();
  const title = view.mailbox ? nameOf(view.mailbox) : t.title;
  useUnreadTitle(title, view.mailbox?.role === "inbox" ? view.mailbox.unreadEmails : 0);
  return (
    <Workspace
      head={<MailSearchField view={view} onSearch={go.toSearch} />}
      actions={<DensityChoice />}
      nav={<MailNav view={view} onWrite={() => compose({ kind: "new", accountId: view.account.id })} />}
      navLabel={t.mailboxes}
    >
      {view.mailbox || view.isLoading ? (
        <Panes key={view.account.id} view={view} title={title} />
      ) : (
        <div className="sheet">
          <EmptyState
            drawing="folder"
            level={2}
            title={view.error ? t.title : t.noMailboxTitle}
            action={<ButtonLink href="/">{t.toInbox}</ButtonLink>}
          >
            {view.error ? t.loadFailed : t.noMailboxText}
          </EmptyState>
        </div>
      )}
      <Button
        variant="primary"
        icon={PenLine}
        className="fab only-m"
        onPress={() => compose({ kind: "new", accountId: view.account.id })}
      >
        {t.write}
      </Button>
    </Workspace>
  );
}

/** « (3) Réception · Bouquet »: the count changes without being said. */
function useUnreadTitle(title: string, unread: number): void {
  useTitle(title);
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${title} · Bouquet`;
  }, [title, unread]);
}

function DensityChoice() {
  const t = useMailText();
  const { density } = useAppearance();
  return (
    <span className="only-d">
      <SegmentedControl
        label={t.display}
        segments={[
          { id: "comfortable", label: t.comfortable },
          { id: "compact", label: t.compact },
        ]}
        value={density}
        onChange={(next) => setAppearance({ density: next })}
      />
    </span>
  );
}

/** The search of the head: in all mailboxes at first. */
export function MailSearchField({
  view,
  onSearch,
}: {
  view: MailView;
  onSearch: (q: string, everywhere: boolean) => void;
}) {
  const t = useMailText();
  const [text, setText] = useState(view.search);
  useEffect(() => setText(view.search), [view.search]);
  return (
    <search className="mail-search">
      <SearchField
        label={t.search}
        value={text}
        onChange={(next) => {
          setText(next);
          if (next === "" && view.search !== "") onSearch("", false);
        }}
        onSubmit={(next) => onSearch(next.trim(), view.search === "" ? true : view.everywhere)}
      />
    </search>
  );
}

function Panes({ view, title }: { view: MailView; title: string }) {
  const t = useMailText();
  const go = useGo(view);
  const compose = useCompose();
  const list = useViewList(view);
  const thread = useOpenThread(view);
  const actions = useThreadActions(view);
  const items = list.data?.items ?? none;
  const selection = useSelection(items, `${view.account.id}/${list.scope.mailboxId}/${list.scope.search}`);
  const [destroying, setDestroying] = useState<readonly ListItem[] | null>(null);
  const [original, setOriginal] = useState<Id | null>(null);

  const openItem = useMemo(() => {
    const last = thread.emails.at(-1);
    return (
      items.find((item) => item.threadId === view.threadId) ??
      (last ? { emailId: last.id, threadId: last.threadId } : undefined)
    );
  }, [items, thread.emails, view.threadId]);

  // Where the open conversation stood, to go on with the next when it leaves the list.
  const position = useRef(0);
  const at = items.findIndex((item) => item.threadId === view.threadId);
  if (at >= 0) position.current = at;
  const toNext = () => {
    const next = items.filter((item) => item.threadId !== view.threadId)[position.current];
    const isPhone = window.matchMedia("(max-width: 760px)").matches;
    if (next && !isPhone && view.mailbox?.role !== "drafts") go.toThread(next.threadId, true);
    else go.toList(true);
  };

  const answer = (kind: AnswerKind) => {
    const target = thread.emails.filter((email) => !email.keywords.$draft).at(-1) ?? thread.emails.at(-1);
    if (target) compose({ kind, accountId: view.account.id, emailId: target.id });
  };
  const isTrash = view.mailbox?.role === "trash";
  const onActionKey = (key: string, item: ListItem): boolean => {
    const isOpen = item.threadId === view.threadId;
    const leave = (act: (items: readonly ListItem[]) => void) => {
      act(selection.has(item) ? selection.items : [item]);
      selection.clear();
      if (isOpen) toNext();
    };
    if (key === "Delete" || key === "#") {
      if (isTrash) setDestroying([item]);
      else leave(actions.trash);
    } else if (key === "e") leave(actions.archive);
    else if (key === "!") leave(actions.junk);
    else if (key === "s") actions.flag([item], !actions.isFlagged(item));
    else if (key === "u") actions.isUnread(item) ? actions.markRead([item]) : actions.markUnread([item]);
    else if (key === "r" && isOpen) answer("reply");
    else if (key === "a" && isOpen) answer("replyAll");
    else if (key === "f" && isOpen) answer("forward");
    else if (key === "Escape" && selection.ids.size > 0) selection.clear();
    else return false;
    return true;
  };
  const resume = (emailId: Id) => compose({ kind: "draft", accountId: view.account.id, emailId });
  const isOpen = view.threadId !== undefined;

  return (
    <div className="sheet mailsheet" data-view={isOpen ? "read" : "list"}>
      <section className="list" aria-label={t.messages}>
        <ListHead
          view={view}
          title={title}
          list={list}
          selected={selection.items}
          actions={actions}
          onSelectAll={selection.all}
          onDone={() => {
            if (selection.items.some((item) => item.threadId === view.threadId)) go.toList(true);
            selection.clear();
          }}
          onDestroy={setDestroying}
          onScope={(everywhere) => go.toSearch(view.search, everywhere)}
          onLeaveSearch={() => go.toSearch("", false)}
          onFolderDeleted={() => go.toMailbox(view.account, undefined)}
        />
        <MessageList
          view={view}
          list={list}
          selected={selection.ids}
          onSelect={selection.toggle}
          onOpenDraft={(item) => resume(item.emailId)}
          onActionKey={onActionKey}
        />
      </section>
      <section className="read" aria-label={t.openMessage}>
        {isOpen && openItem ? (
          <>
            <ReadingTools
              view={view}
              item={openItem}
              actions={actions}
              onBack={() => go.toList()}
              onGone={toNext}
              onAnswer={answer}
              onDestroy={() => setDestroying([openItem])}
              onOriginal={() => setOriginal(thread.emails.at(-1)?.id ?? null)}
            />
            <Conversation
              key={view.threadId}
              view={view}
              thread={thread}
              onMailto={(to) => compose({ kind: "new", accountId: view.account.id, to })}
              onResume={(email) => resume(email.id)}
            />
            <div className="row quick">
              <Button variant="primary" icon={Reply} onPress={() => answer("reply")}>
                {t.reply}
              </Button>
              <Button icon={ReplyAll} onPress={() => answer("replyAll")}>
                {t.replyAll}
              </Button>
            </div>
          </>
        ) : isOpen ? (
          <>
            <div className="tools" />
            <Conversation
              key={view.threadId}
              view={view}
              thread={thread}
              onMailto={() => undefined}
              onResume={() => undefined}
            />
          </>
        ) : (
          <>
            <div className="tools" />
            <EmptyState drawing="mailbox" title={t.nothingOpenTitle}>
              {t.nothingOpenText}
            </EmptyState>
          </>
        )}
      </section>
      <Confirm
        isOpen={destroying !== null}
        onClose={() => setDestroying(null)}
        title={t.destroyTitle}
        text={t.destroyText}
        confirm={t.destroy}
        keep={t.keep}
        onConfirm={() => {
          const gone = destroying ?? [];
          setDestroying(null);
          selection.clear();
          void actions.destroy(gone);
          if (gone.some((item) => item.threadId === view.threadId)) toNext();
        }}
      />
      <OriginalDialog accountId={view.account.id} emailId={original} onClose={() => setOriginal(null)} />
    </div>
  );
}

const none: readonly ListItem[] = [];
