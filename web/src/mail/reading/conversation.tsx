import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useSession } from "../../api/session.ts";
import { formatShortDate } from "../../i18n/format.ts";
import { useMailText } from "../../i18n/mail.ts";
import { useLanguage } from "../../i18n/text.ts";
import { useUiText } from "../../i18n/ui.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../../ui/feedback.tsx";
import { Avatar } from "../../ui/marks.tsx";
import { changeEmails } from "../actions/change-emails.ts";
import { type EmailSummary, keys, type ThreadData } from "../jmap/account-cache.ts";
import { useCache } from "../jmap/accounts.ts";
import { JmapError } from "../jmap/client.ts";
import { loadThread } from "../jmap/load-threads.ts";
import { nameOf, rowNames } from "../list/row-names.ts";
import { useOwnAddresses } from "../use-own-addresses.ts";
import type { MailView } from "../view.ts";
import { MessageCard } from "./message-card.tsx";
import { shownEmails } from "./shown-emails.ts";

/** The conversation that the address names, and its messages that belong on the screen. */
export function useOpenThread(view: MailView) {
  const cache = useCache(view.account.id);
  const threadId = view.threadId ?? "";
  const query = useQuery({
    queryKey: keys.thread(view.account.id, threadId),
    enabled: threadId !== "",
    retry: (failures, error) => !(error instanceof JmapError) && failures < 3,
    queryFn: async (): Promise<ThreadData> => {
      await loadThread(cache, threadId);
      return cache.thread(threadId) ?? { id: threadId, emails: [] };
    },
  });
  const emails = useMemo(
    () => shownEmails(query.data?.emails ?? [], view.mailbox, view.mailboxes),
    [query.data, view.mailbox, view.mailboxes],
  );
  return { ...query, emails };
}

interface Props {
  readonly view: MailView;
  readonly thread: ReturnType<typeof useOpenThread>;
  readonly onMailto: (address: string) => void;
  readonly onResume: (email: EmailSummary) => void;
}

/** The messages of a conversation: those read earlier folded, the others open. What is shown is read. */
export function Conversation({ view, thread, onMailto, onResume }: Props) {
  const t = useMailText();
  const ui = useUiText();
  const cache = useCache(view.account.id);
  const { emails } = thread;
  const box = useRef<HTMLElement>(null);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [allShown, setAllShown] = useState(false);

  // Which messages are open is settled when the conversation opens; later ones open as they come.
  const firstOpen = useRef<Set<string>>(new Set());
  const lastId = emails.at(-1)?.id;
  for (const email of emails) {
    if (!email.keywords.$seen || email.id === lastId || email.keywords.$draft) firstOpen.current.add(email.id);
  }
  const isOpen = (email: EmailSummary) => firstOpen.current.has(email.id) || unfolded.has(email.id);
  const firstShown = emails.findIndex(isOpen);
  const folded = allShown || firstShown < 2 ? [] : emails.slice(0, firstShown);

  const unread = emails.filter((email) => !email.keywords.$seen && isOpen(email)).map((email) => email.id);
  const unreadKey = unread.join();
  const isReadOnly = view.account.isReadOnly;
  useEffect(() => {
    if (unreadKey === "" || isReadOnly) return;
    const patches = new Map(unreadKey.split(",").map((id) => [id, { "keywords/$seen": true }]));
    // Whether it is told as read is not worth an error.
    changeEmails(cache, patches).catch(() => undefined);
  }, [cache, unreadKey, isReadOnly]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each conversation
  useEffect(() => {
    const open = box.current?.querySelector(".msg");
    if (folded.length === 0 && open && open !== box.current?.querySelector("article"))
      open.scrollIntoView({ block: "start" });
  }, [thread.isSuccess]);

  if (thread.isPending) return <SkeletonRows count={3} />;
  if (thread.error && !thread.data) {
    const isGone = thread.error instanceof JmapError && thread.error.type === "notFound";
    return isGone ? (
      <EmptyState drawing="mailbox" title={t.goneTitle}>
        {t.goneText}
      </EmptyState>
    ) : (
      <div style={{ padding: 16 }}>
        <Banner tone="warn" action={{ label: ui.retry, run: () => void thread.refetch() }}>
          {t.bodyFailed}
        </Banner>
      </div>
    );
  }
  if (emails.length === 0) {
    return (
      <EmptyState drawing="mailbox" title={t.goneTitle}>
        {t.goneText}
      </EmptyState>
    );
  }
  const subject = emails.find((email) => email.subject?.trim())?.subject?.trim() ?? t.noSubject;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="conv" ref={box} tabIndex={0} aria-label={t.conversation}>
      <h2 className="subj">{subject}</h2>
      {folded.length > 0 && <Folded emails={folded} onUnfold={() => setAllShown(true)} />}
      {emails
        .slice(folded.length)
        .map((email) =>
          isOpen(email) ? (
            <MessageCard
              key={email.id}
              accountId={view.account.id}
              email={email}
              onMailto={onMailto}
              onResume={onResume}
            />
          ) : (
            <FoldedOne
              key={email.id}
              email={email}
              onUnfold={() => setUnfolded((before) => new Set(before).add(email.id))}
            />
          ),
        )}
    </section>
  );
}

function Folded({ emails, onUnfold }: { emails: readonly EmailSummary[]; onUnfold: () => void }) {
  const t = useMailText();
  const own = useOwnAddresses();
  const words = { me: t.me, to: t.toNames, nobody: t.nobody, draft: t.draftWord };
  const last = emails.at(-1) as EmailSummary;
  return (
    <FoldedLine email={last} onUnfold={onUnfold} names={rowNames(emails, own, words, false)}>
      {t.earlier(emails.length)} – « {last.preview.slice(0, 80)} »
    </FoldedLine>
  );
}

function FoldedOne({ email, onUnfold }: { email: EmailSummary; onUnfold: () => void }) {
  const from = email.from?.[0];
  return (
    <FoldedLine email={email} onUnfold={onUnfold} names={from ? nameOf(from) : "?"}>
      {email.preview}
    </FoldedLine>
  );
}

function FoldedLine({
  email,
  names,
  onUnfold,
  children,
}: {
  email: EmailSummary;
  names: string;
  onUnfold: () => void;
  children: React.ReactNode;
}) {
  const language = useLanguage();
  const { timeZone } = useSession();
  const from = email.from?.[0] ?? { name: null, email: "?" };
  return (
    <button type="button" className="old" onClick={onUnfold} aria-expanded={false}>
      <Avatar name={nameOf(from)} seed={from.email.toLowerCase()} size="sm" />
      <span className="strong clip names">{names}</span>
      <span className="muted clip grow">{children}</span>
      <span className="small muted">{formatShortDate(email.receivedAt, { language, timeZone })}</span>
    </button>
  );
}
