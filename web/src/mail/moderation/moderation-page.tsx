import "../reading/reading.css";
import { useMailModerationText } from "../../i18n/mail-moderation.ts";
import { useUiText } from "../../i18n/ui.ts";
import { useTitle } from "../../shell/title.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../../ui/feedback.tsx";
import { MailFrame } from "../mail-frame.tsx";
import { MailSearchField } from "../mail-screen.tsx";
import { useGo, useMailView } from "../view.ts";
import { HeldItem } from "./held-item.tsx";
import { useHeld } from "./moderation-queries.ts";

/** Messages to moderated groups, the oldest first, each to accept or refuse. */
export function ModerationPage() {
  const t = useMailModerationText();
  const ui = useUiText();
  useTitle(t.title);
  const view = useMailView();
  const go = useGo(view);
  const { data, error, isPending, refetch } = useHeld();
  const messages = data?.messages ?? [];
  return (
    <MailFrame head={<MailSearchField view={view} onSearch={go.toSearch} />}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="sheet mp" tabIndex={0} aria-label={t.title}>
        <div className="mp-head">
          <h1>{t.title}</h1>
          {messages.length > 0 && <p className="muted">{t.intro}</p>}
        </div>
        {isPending && <SkeletonRows count={4} />}
        {error && !data && (
          <div className="mp-note">
            <Banner tone="warn" action={{ label: ui.retry, run: () => void refetch() }}>
              {t.loadFailed}
            </Banner>
          </div>
        )}
        {data && messages.length === 0 && (
          <EmptyState drawing="gate" level={2} title={t.emptyTitle}>
            {t.emptyText}
          </EmptyState>
        )}
        {messages.length > 0 && (
          <ul className="held">
            {messages.map((message) => (
              <HeldItem key={message.id} message={message} />
            ))}
          </ul>
        )}
      </section>
    </MailFrame>
  );
}
