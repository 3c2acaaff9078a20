import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import {
  Archive,
  ArrowLeft,
  BadgeCheck,
  Ban,
  Ellipsis,
  FileCode,
  FolderInput,
  Forward,
  Mail,
  Reply,
  ReplyAll,
  ShieldAlert,
  Star,
  Trash2,
} from "lucide-react";
import { useState } from "react";
import { useMailText } from "../../i18n/mail.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { MenuButton, MenuEntry, MenuLine } from "../../ui/menu.tsx";
import { MoveDialog } from "../actions/move-dialog.tsx";
import type { ThreadActions } from "../actions/thread-actions.ts";
import type { ListItem } from "../jmap/account-cache.ts";
import { useSenderDecision } from "../settings/use-sender-decision.ts";
import type { MailView } from "../view.ts";

export type AnswerKind = "reply" | "replyAll" | "forward";

interface Props {
  readonly view: MailView;
  readonly item: ListItem;
  readonly actions: ThreadActions;
  readonly onBack: () => void;
  /** After the conversation has left the list. */
  readonly onGone: () => void;
  readonly onAnswer: (kind: AnswerKind) => void;
  readonly onDestroy: () => void;
  readonly onOriginal: () => void;
}

/** The bar above an open conversation. */
export function ReadingTools({ view, item, actions, onBack, onGone, onAnswer, onDestroy, onOriginal }: Props) {
  const t = useMailText();
  const [isMoving, setMoving] = useState(false);
  const isTrash = view.mailbox?.role === "trash";
  const isJunk = view.mailbox?.role === "junk";
  const settings = useMailSettingsText();
  const sender = useSenderDecision(view.account, item);
  const isFlagged = actions.isFlagged(item);
  const leave = (act: (items: readonly ListItem[]) => void) => () => {
    act([item]);
    onGone();
  };
  const archive = leave(actions.archive);
  return (
    <div className="tools" role="toolbar" aria-label={t.openMessage}>
      <IconButton className="only-m" label={t.backToList} icon={ArrowLeft} onPress={onBack} />
      <Button className="only-d" variant="ghost" icon={Reply} onPress={() => onAnswer("reply")}>
        {t.reply}
      </Button>
      <Button className="only-d" variant="ghost" icon={Forward} onPress={() => onAnswer("forward")}>
        {t.forward}
      </Button>
      <span className="sep only-d" />
      {!view.account.isReadOnly && (
        <>
          {!isTrash && (
            <>
              <Button className="only-d" variant="ghost" icon={Archive} onPress={archive}>
                {t.archive}
              </Button>
              <IconButton className="only-m" label={t.archive} icon={Archive} onPress={archive} />
            </>
          )}
          <IconButton
            label={isTrash ? t.deleteForever : t.toTrash}
            icon={Trash2}
            onPress={isTrash ? onDestroy : leave(actions.trash)}
          />
        </>
      )}
      <MenuButton label={t.otherActions} trigger={<IconButton label={t.otherActions} icon={Ellipsis} />}>
        <MenuEntry icon={ReplyAll} onAction={() => onAnswer("replyAll")}>
          {t.replyAll}
        </MenuEntry>
        <MenuEntry icon={Forward} onAction={() => onAnswer("forward")}>
          {t.forward}
        </MenuEntry>
        <MenuLine />
        <MenuEntry icon={FolderInput} onAction={() => setMoving(true)}>
          {t.move}
        </MenuEntry>
        <MenuEntry
          icon={Mail}
          onAction={() => {
            // First left, else showing it would mark it as read again.
            onBack();
            actions.markUnread([item]);
          }}
        >
          {t.markUnread}
        </MenuEntry>
        <MenuEntry icon={Star} onAction={() => actions.flag([item], !isFlagged)}>
          {isFlagged ? t.unflag : t.flag}
        </MenuEntry>
        <MenuEntry icon={ShieldAlert} onAction={leave(isJunk ? actions.notJunk : actions.junk)}>
          {isJunk ? t.notJunk : t.junk}
        </MenuEntry>
        {sender.address !== null && (
          <>
            <MenuEntry icon={Ban} onAction={sender.block}>
              {settings.senders.blockSender}
            </MenuEntry>
            <MenuEntry icon={BadgeCheck} onAction={sender.allow}>
              {settings.senders.allowSender}
            </MenuEntry>
          </>
        )}
        <MenuLine />
        <MenuEntry icon={FileCode} onAction={onOriginal}>
          {t.showOriginal}
        </MenuEntry>
      </MenuButton>
      <MoveDialog
        view={view}
        isOpen={isMoving}
        onClose={() => setMoving(false)}
        onMove={(target: Mailbox) => leave((items) => actions.move(items, target))()}
      />
    </div>
  );
}
