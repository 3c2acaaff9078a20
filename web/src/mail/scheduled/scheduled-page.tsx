import { CalendarClock, Ellipsis, PenLine, Undo2 } from "lucide-react";
import { useState } from "react";
import { useMailLaterText } from "../../i18n/mail-later.ts";
import { useUiText } from "../../i18n/ui.ts";
import { useTitle } from "../../shell/title.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Chip } from "../../ui/marks.tsx";
import { MenuButton, MenuEntry } from "../../ui/menu.tsx";
import { useJmap } from "../jmap/accounts.ts";
import { nameOf } from "../list/row-names.ts";
import { MailFrame } from "../mail-frame.tsx";
import { MailSearchField } from "../mail-screen.tsx";
import { useGo, useMailView } from "../view.ts";
import { PickTimeDialog } from "./pick-time-dialog.tsx";
import { type ScheduledMessage, useScheduled } from "./scheduled-queries.ts";
import { useLaterWords } from "./use-later-words.ts";
import { useScheduledActions } from "./use-scheduled-actions.ts";

/** Messages that wait for their time, the next first. */
export function ScheduledPage() {
  const t = useMailLaterText();
  const ui = useUiText();
  useTitle(t.title);
  const view = useMailView();
  const go = useGo(view);
  const { messages, isPending, error, refetch } = useScheduled();
  return (
    <MailFrame head={<MailSearchField view={view} onSearch={go.toSearch} />}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="sheet mp" tabIndex={0} aria-label={t.title}>
        <div className="mp-head">
          <h1>{t.title}</h1>
          {messages.length > 0 && <p className="muted">{t.intro}</p>}
        </div>
        {error ? (
          <div className="mp-note">
            <Banner tone="warn" action={{ label: ui.retry, run: refetch }}>
              {t.loadFailed}
            </Banner>
          </div>
        ) : (
          isPending && messages.length === 0 && <SkeletonRows count={3} />
        )}
        {!isPending && !error && messages.length === 0 && (
          <EmptyState drawing="mailbox" level={2} title={t.emptyTitle}>
            {t.emptyText}
          </EmptyState>
        )}
        <ul>
          {messages.map((message) => (
            <ScheduledRow key={message.submissionId} message={message} />
          ))}
        </ul>
      </section>
    </MailFrame>
  );
}

function ScheduledRow({ message }: { message: ScheduledMessage }) {
  const t = useMailLaterText();
  const ui = useUiText();
  const { accounts } = useJmap();
  const words = useLaterWords();
  const actions = useScheduledActions();
  const [isPicking, setPicking] = useState(false);
  const [isWorking, setWorking] = useState(false);
  const subject = message.subject || t.noSubject;
  const account = accounts.find(({ id }) => id === message.accountId);
  const run = (act: () => Promise<void>) => {
    setWorking(true);
    // The row is gone with its message when it succeeds.
    void act().finally(() => setWorking(false));
  };
  return (
    <li className="mp-row plain wraps" aria-label={subject}>
      <span className="mp-tile time">
        <Icon of={CalendarClock} />
      </span>
      <div className="what">
        <span className="row wrap-row">
          <span className="strong">{t.leaves(words(message.sendAt))}</span>
          {account && !account.isOwn && message.from && <Chip>{message.from.email}</Chip>}
        </span>
        <span className="clip">
          {subject}
          {message.preview && <span className="muted"> — {message.preview}</span>}
        </span>
        <span className="small muted clip">{t.to(message.to.map(nameOf).join(", "))}</span>
      </div>
      <div className="acts">
        <Button
          size="sm"
          icon={PenLine}
          aria-label={t.editOne(subject)}
          isPending={isWorking}
          onPress={() => run(() => actions.edit(message))}
        >
          {t.edit}
        </Button>
        <MenuButton
          label={ui.more}
          trigger={<IconButton size="sm" label={`${ui.more}, ${subject}`} icon={Ellipsis} isDisabled={isWorking} />}
        >
          <MenuEntry icon={CalendarClock} onAction={() => setPicking(true)}>
            {t.change}
          </MenuEntry>
          <MenuEntry icon={Undo2} onAction={() => run(() => actions.cancel(message))}>
            {t.cancel}
          </MenuEntry>
        </MenuButton>
      </div>
      <PickTimeDialog
        isOpen={isPicking}
        onClose={() => setPicking(false)}
        most={account?.maxDelayedSend ?? 0}
        start={new Date(message.sendAt)}
        onPick={(at) => run(() => actions.move(message, at))}
      />
    </li>
  );
}
