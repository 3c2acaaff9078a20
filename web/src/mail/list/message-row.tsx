import type { SearchSnippet } from "@bouquet/contract/jmap-mail.ts";
import { Link } from "@tanstack/react-router";
import { CornerUpLeft, Paperclip, Star } from "lucide-react";
import { memo } from "react";
import { useSession } from "../../api/session.ts";
import { formatDateTime, formatShortDate } from "../../i18n/format.ts";
import { useMailText } from "../../i18n/mail.ts";
import { useLanguage } from "../../i18n/text.ts";
import { cx } from "../../ui/cx.ts";
import { Icon } from "../../ui/icon.tsx";
import { Avatar } from "../../ui/marks.tsx";
import type { ListItem, ThreadData } from "../jmap/account-cache.ts";
import { readSnippet } from "../search/snippet.ts";
import { faceOf, nameOf, rowNames } from "./row-names.ts";

interface Props {
  readonly item: ListItem;
  readonly thread: ThreadData;
  /** Messages that count as one row: all of the conversation, or the one when the list does not collapse. */
  readonly collapse: boolean;
  readonly isOutgoing: boolean;
  readonly own: ReadonlySet<string>;
  readonly isOpen: boolean;
  readonly isSelected: boolean;
  readonly snippet: SearchSnippet | undefined;
  readonly link: { account: string; mailbox: string; search: object };
  /** Draws a press that does something else than following the link: a draft opens in the composer. */
  readonly onPress?: (item: ListItem) => void;
  readonly onSelect: (item: ListItem, isRange: boolean) => void;
}

/** One conversation of the list, three lines: people, subject, beginning of the last message. */
export const MessageRow = memo(function MessageRow(props: Props) {
  const { item, thread, collapse, isOutgoing, own, isOpen, isSelected, snippet, link, onPress, onSelect } = props;
  const t = useMailText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const shown = collapse ? thread.emails : thread.emails.filter((email) => email.id === item.emailId);
  const email = thread.emails.find((each) => each.id === item.emailId) ?? thread.emails.at(-1);
  if (!email) return null;
  const words = { me: t.me, to: t.toNames, nobody: t.nobody, draft: t.draftWord };
  const names = rowNames(shown, own, words, isOutgoing);
  const face = faceOf(shown, own, isOutgoing);
  const isNew = shown.some((each) => !each.keywords.$seen && !each.keywords.$draft);
  const isFlagged = shown.some((each) => each.keywords.$flagged);
  const subject = email.subject?.trim() || t.noSubject;
  return (
    <>
      <Link
        to="/$account/$mailbox/$thread"
        params={{ account: link.account, mailbox: link.mailbox, thread: thread.id }}
        search={link.search}
        className={cx("m", isNew && "new")}
        aria-current={isOpen ? "true" : undefined}
        data-row={item.emailId}
        draggable={false}
        onClick={(event) => {
          if (event.shiftKey) {
            event.preventDefault();
            onSelect(item, true);
          } else if (onPress && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            onPress(item);
          }
        }}
      >
        <Avatar name={nameOf(face)} seed={face.email.toLowerCase()} />
        <span className="l1">
          <span className="f clip">{names}</span>
          {shown.length > 1 && (
            <span className="cnt">
              {shown.length}
              <span className="vh"> {t.count(shown.length).replace(/^\S+\s/u, "")}</span>
            </span>
          )}
          {isNew && <span className="vh">, {t.unreadWord}</span>}
          <time dateTime={email.receivedAt} title={formatDateTime(email.receivedAt, { language, timeZone })}>
            {formatShortDate(email.receivedAt, { language, timeZone })}
          </time>
        </span>
        <span className="s">
          <span className="clip">{snippet?.subject ? <Marked html={snippet.subject} /> : subject}</span>
        </span>
        <span className="l3">
          <span className="x clip grow">{snippet?.preview ? <Marked html={snippet.preview} /> : email.preview}</span>
          {email.keywords.$answered && <Mark icon={CornerUpLeft} word={t.answeredWord} />}
          {isFlagged && <Mark icon={Star} word={t.flaggedWord} className="flagged" />}
          {shown.some((each) => each.hasAttachment) && <Mark icon={Paperclip} word={t.attachmentWord} />}
        </span>
      </Link>
      <label className="pick">
        <span className="vh">{t.select(names)}</span>
        <input
          type="checkbox"
          checked={isSelected}
          onChange={() => undefined}
          onClick={(event) => onSelect(item, event.shiftKey)}
        />
      </label>
    </>
  );
});

function Mark({ icon, word, className }: { icon: typeof Star; word: string; className?: string }) {
  return (
    <span className={cx("mk", className)}>
      <Icon of={icon} size="sm" />
      <span className="vh">{word}</span>
    </span>
  );
}

function Marked({ html }: { html: string }) {
  return readSnippet(html).map((part, at) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, never reordered
    part.isMatch ? <mark key={at}>{part.text}</mark> : <span key={at}>{part.text}</span>,
  );
}
