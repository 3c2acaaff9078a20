import type { RecoverableMessage } from "@bouquet/contract/mail-recovery.ts";
import { RotateCcw } from "lucide-react";
import { useSession } from "../../api/session.ts";
import { formatDateTime, formatTime } from "../../i18n/format.ts";
import { useMailRecoveryText } from "../../i18n/mail-recovery.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { Avatar } from "../../ui/marks.tsx";
import { useMailboxes } from "../jmap/accounts.ts";
import { nameOf } from "../list/row-names.ts";
import { useMailboxName } from "../navigation/mailbox-name.ts";

interface Props {
  readonly accountId: string;
  readonly message: RecoverableMessage;
  readonly isSelected: boolean;
  readonly onSelect: (on: boolean) => void;
  /** Undefined while others are on their way. */
  readonly onRestore: (() => void) | undefined;
}

/** One deleted message: who wrote it, what it says, and where it was. */
export function RecoverableRow({ accountId, message, isSelected, onSelect, onRestore }: Props) {
  const t = useMailRecoveryText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const mailboxName = useMailboxName();
  const { data: mailboxes } = useMailboxes(accountId);
  const mailbox = mailboxes?.find(({ id }) => id === message.mailboxId);
  const [from] = message.from;
  const sender = from ? nameOf(from) : t.unknownSender;
  const subject = message.subject || t.noSubject;
  const when = { language, timeZone };
  return (
    <li className="mp-row" data-selected={isSelected || undefined}>
      <Checkbox hideLabel isSelected={isSelected} onChange={onSelect}>
        {t.select(subject)}
      </Checkbox>
      <Avatar name={sender} seed={from?.email.toLowerCase() ?? ""} />
      <div className="what">
        <span className="top">
          <span className="clip strong">{sender}</span>
          <time className="small muted" dateTime={message.deletedAt} title={formatDateTime(message.deletedAt, when)}>
            {formatTime(message.deletedAt, when)}
          </time>
        </span>
        <span className="clip">
          {subject}
          {message.preview && <span className="muted"> — {message.preview}</span>}
        </span>
        <span className="small muted clip">{t.wasIn(mailbox ? mailboxName(mailbox) : message.mailboxName)}</span>
      </div>
      <Button
        size="sm"
        icon={RotateCcw}
        className="t"
        aria-label={t.restoreOne(subject)}
        isDisabled={!onRestore}
        onPress={onRestore}
      >
        {t.restore}
      </Button>
    </li>
  );
}
