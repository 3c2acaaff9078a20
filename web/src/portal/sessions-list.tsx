import type { SessionItem, SessionList } from "@bouquet/contract/identity.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Monitor, Smartphone } from "lucide-react";
import { useErrorText } from "../api/error-text.ts";
import { request } from "../api/http.ts";
import { formatDateInSentence } from "../i18n/format.ts";
import { usePortalText } from "../i18n/portal.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { Button } from "../ui/button.tsx";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { Icon } from "../ui/icon.tsx";
import { Chip } from "../ui/marks.tsx";
import { toast, toastProblem } from "../ui/toast.tsx";

const key = ["identity", "sessions"];

/** The sign-ins that are open, each of which can be ended. */
export function SessionsList() {
  const t = usePortalText();
  const ui = useUiText();
  const errorText = useErrorText();
  const queries = useQueryClient();
  const list = useQuery({ queryKey: key, queryFn: () => request<SessionList>("/api/sessions") });
  const reread = () => queries.invalidateQueries({ queryKey: key });
  const end = useMutation({
    mutationFn: (id: string) => request<void>(`/api/sessions/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: () => toast(t.ended),
    onError: (error) => toastProblem(errorText(error)),
    onSettled: reread,
  });
  const endOthers = useMutation({
    mutationFn: () => request<void>("/api/sessions/revoke-others", { method: "POST" }),
    onSuccess: () => toast(t.othersEnded),
    onError: (error) => toastProblem(errorText(error)),
    onSettled: reread,
  });
  const sessions = list.data?.sessions ?? [];
  return (
    <section aria-labelledby="sessions">
      <div>
        <h2 id="sessions">{t.sessions}</h2>
        <p className="lead">{t.sessionsText}</p>
      </div>
      {list.isPending && <SkeletonRows count={2} />}
      {list.error && !list.data && (
        <Banner tone="danger" action={{ label: ui.retry, run: () => void list.refetch() }}>
          {errorText(list.error)}
        </Banner>
      )}
      {sessions.length > 0 && (
        <ul className="lines">
          {sessions.map((session) => (
            <SessionLine
              key={session.id}
              session={session}
              isEnding={end.isPending && end.variables === session.id}
              onEnd={() => end.mutate(session.id)}
            />
          ))}
        </ul>
      )}
      {sessions.length > 1 && (
        <div>
          <Button isPending={endOthers.isPending} onPress={() => endOthers.mutate()}>
            {t.endOthers}
          </Button>
        </div>
      )}
    </section>
  );
}

interface LineProps {
  readonly session: SessionItem;
  readonly isEnding: boolean;
  readonly onEnd: () => void;
}

function SessionLine({ session, isEnding, onEnd }: LineProps) {
  const t = usePortalText();
  const language = useLanguage();
  const { browser, system } = session;
  const name = browser && system ? t.on(browser, system) : browser || system || t.unknownBrowser;
  const isPhone = /android|ios|iphone|ipad/i.test(system);
  return (
    <li>
      <Icon of={isPhone ? Smartphone : Monitor} />
      <div className="grow">
        <p className="row wrap-row">
          <span className="strong">{name}</span>
          {session.current && <Chip tone="ok">{t.thisOne}</Chip>}
        </p>
        <p className="meta">
          {t.seen(formatDateInSentence(session.lastSeenAt, { language }))} ·{" "}
          {t.opened(formatDateInSentence(session.createdAt, { language }))} · {session.network}
        </p>
      </div>
      {!session.current && (
        <Button size="sm" isPending={isEnding} onPress={onEnd} aria-label={t.endOf(name)}>
          {t.end}
        </Button>
      )}
    </li>
  );
}
