import type { Quarantine, QuarantinedMessage } from "@bouquet/contract/mail-screening.ts";
import { type InfiniteData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Biohazard, type LucideIcon, ShieldAlert, ShieldQuestionMark, UserRoundX } from "lucide-react";
import { useState } from "react";
import { useErrorText } from "../../api/error-text.ts";
import { ApiError, request } from "../../api/http.ts";
import { useSession } from "../../api/session.ts";
import { formatBytes, formatDateTime, formatShortDate } from "../../i18n/format.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { useLanguage } from "../../i18n/text.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Chip, type Tone } from "../../ui/marks.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import type { MailAccount } from "../jmap/accounts.ts";
import { ScopeChoice, type ScreeningScope, SectionHead, scopeQuery } from "./section-parts.tsx";

const path = "/api/mail/quarantine";

/** What was held back before it arrived: released, or deleted. */
export function QuarantineSection({ account }: { account: MailAccount }) {
  const t = useMailSettingsText();
  const q = t.quarantine;
  const ui = useUiText();
  const errorText = useErrorText();
  const [scope, setScope] = useState<ScreeningScope>("mine");
  const query = useInfiniteQuery({
    queryKey: ["mail", "quarantine", scope === "all" ? "all" : account.id],
    queryFn: ({ pageParam }) => {
      const search = new URLSearchParams(scopeQuery(scope, account.id));
      if (pageParam !== "") search.set("before", pageParam);
      return request<Quarantine>(`${path}?${search}`);
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const pages = query.data?.pages;
  const messages = pages?.flatMap((page) => page.messages) ?? [];
  const days = pages?.[0]?.days;
  return (
    <section aria-labelledby="mset-title">
      <SectionHead title={t.sections.quarantine} lead={days === undefined ? q.leadLoading : q.lead(days)} />
      <ScopeChoice value={scope} onChange={setScope} />
      {query.isPending && <SkeletonRows count={3} />}
      {query.error && !pages && (
        <Banner tone="danger" action={{ label: ui.retry, run: () => void query.refetch() }}>
          {errorText(query.error)}
        </Banner>
      )}
      {pages && messages.length === 0 && (
        <EmptyState drawing="hedge" level={2} title={q.emptyTitle}>
          {q.emptyText}
        </EmptyState>
      )}
      {messages.length > 0 && <HeldMessages messages={messages} scope={scope} account={account} />}
      {query.hasNextPage && (
        <div className="more">
          <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
            {q.more}
          </Button>
        </div>
      )}
    </section>
  );
}

type Decision = { readonly message: QuarantinedMessage; readonly releases: boolean };

interface HeldProps {
  readonly messages: readonly QuarantinedMessage[];
  readonly scope: ScreeningScope;
  readonly account: MailAccount;
}

function HeldMessages({ messages, scope, account }: HeldProps) {
  const { quarantine: q } = useMailSettingsText();
  const errorText = useErrorText();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<Decision | null>(null);
  const decide = useMutation({
    mutationFn: ({ message, releases }: Decision) => {
      const one = `${path}/${encodeURIComponent(message.id)}`;
      const query = scopeQuery(scope, account.id);
      return releases
        ? request<void>(`${one}/release${query}`, { method: "POST" })
        : request<void>(`${one}${query}`, { method: "DELETE" });
    },
    onSuccess: (_, { message, releases }) => {
      // At once: the list is read again behind it.
      queries.setQueriesData<InfiniteData<Quarantine>>({ queryKey: ["mail", "quarantine"] }, (data) =>
        data
          ? {
              ...data,
              pages: data.pages.map((page) => ({
                ...page,
                messages: page.messages.filter((each) => each.id !== message.id),
              })),
            }
          : data,
      );
      toast(releases ? q.released : q.removed);
    },
    onError: (error) =>
      toastProblem(error instanceof ApiError && error.code === "not_found" ? q.gone : errorText(error)),
    onSettled: () => {
      setAsking(null);
      return queries.invalidateQueries({ queryKey: ["mail", "quarantine"] });
    },
  });
  const release = (message: QuarantinedMessage) => {
    const decision = { message, releases: true };
    if (message.reason === "virus") setAsking(decision);
    else decide.mutate(decision);
  };
  const working = decide.isPending ? decide.variables.message.id : null;
  return (
    <>
      <ul className="mset-lines" aria-label={q.list}>
        {messages.map((message) => (
          <HeldMessage
            key={message.id}
            message={message}
            showsMailboxes={scope === "all"}
            isWorking={working === message.id}
            onRelease={() => release(message)}
            onRemove={() => setAsking({ message, releases: false })}
          />
        ))}
      </ul>
      <Confirm
        isOpen={asking !== null}
        onClose={() => setAsking(null)}
        title={asking?.releases ? q.releaseTitle : q.removeTitle}
        text={asking?.releases ? q.releaseText : q.removeText}
        confirm={asking?.releases ? q.release : q.remove}
        keep={q.keep}
        isPending={decide.isPending}
        onConfirm={() => asking && decide.mutate(asking)}
      />
    </>
  );
}

const icons: Record<QuarantinedMessage["reason"], LucideIcon> = {
  virus: Biohazard,
  spam: ShieldAlert,
  policy: ShieldQuestionMark,
  sender: UserRoundX,
};
const tones: Record<QuarantinedMessage["reason"], Tone> = {
  virus: "danger",
  spam: "warn",
  policy: "warn",
  sender: "plain",
};

/** The name that the scanner gave, at the end of the sentence of the server. */
function virusOf(detail: string): string {
  const name = /\(([^()]+)\)$/.exec(detail)?.[1];
  return name ? ` ${name}` : "";
}

interface MessageProps {
  readonly message: QuarantinedMessage;
  readonly showsMailboxes: boolean;
  readonly isWorking: boolean;
  readonly onRelease: () => void;
  readonly onRemove: () => void;
}

function HeldMessage({ message, showsMailboxes, isWorking, onRelease, onRemove }: MessageProps) {
  const { quarantine: q } = useMailSettingsText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const when = { language, timeZone };
  const { reason, receivedAt } = message;
  const subject = message.subject.trim() || q.noSubject;
  return (
    <li className="held">
      <Icon of={icons[reason]} />
      <div className="grow stack" style={{ gap: 3 }}>
        <p className="row wrap-row" style={{ columnGap: 8, rowGap: 2 }}>
          <span className="strong clip">{subject}</span>
          <Chip tone={tones[reason]}>{q.reasons[reason]}</Chip>
        </p>
        <p className="small">{message.sender || message.returnPath || q.noSender}</p>
        <p className="small muted">
          {q.why[reason]}
          {reason === "virus" && virusOf(message.detail)}
        </p>
        <p className="small muted">
          <time dateTime={receivedAt} title={formatDateTime(receivedAt, when)}>
            {formatShortDate(receivedAt, when)}
          </time>
          {` · ${formatBytes(language, message.size)}`}
          {showsMailboxes && ` · ${q.forWhom(message.accounts.map((each) => each.address ?? each.name).join(", "))}`}
          {!message.mayRelease && ` · ${q.onlyAdministrator}`}
        </p>
      </div>
      <div className="acts">
        {message.mayRelease && (
          <Button size="sm" onPress={onRelease} isPending={isWorking} aria-label={q.releaseOf(subject)}>
            {q.release}
          </Button>
        )}
        <Button size="sm" variant="danger-text" onPress={onRemove} aria-label={q.removeOf(subject)}>
          {q.remove}
        </Button>
      </div>
    </li>
  );
}
