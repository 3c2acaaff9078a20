import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import { useState } from "react";
import { useMailText } from "../../i18n/mail.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ComboBox } from "../../ui/select.tsx";
import { useMailboxName } from "../navigation/mailbox-name.ts";
import { arrangeMailboxes } from "../navigation/mailbox-tree.ts";
import type { MailView } from "../view.ts";

interface Props {
  readonly view: MailView;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onMove: (target: Mailbox) => void;
}

/** Chooses the folder that conversations go to, by its name. */
export function MoveDialog({ view, isOpen, onClose, onMove }: Props) {
  const t = useMailText();
  const ui = useUiText();
  const nameOf = useMailboxName();
  const [target, setTarget] = useState<string | null>(null);
  const { roles, folders } = arrangeMailboxes(view.mailboxes);
  const places = [...folders.map(({ mailbox }) => mailbox), ...roles].filter(
    ({ id, role }) => id !== view.mailbox?.id && role !== "drafts" && role !== "sent",
  );
  const parentName = (mailbox: Mailbox) => {
    const parent = view.mailboxes.find((each) => each.id === mailbox.parentId);
    return parent ? nameOf(parent) : undefined;
  };
  const chosen = places.find((mailbox) => mailbox.id === target);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t.moveTo}
      actions={
        <>
          <Button onPress={onClose}>{ui.cancel}</Button>
          <Button
            variant="primary"
            isDisabled={!chosen}
            onPress={() => {
              if (chosen) onMove(chosen);
              onClose();
            }}
          >
            {t.moveHere}
          </Button>
        </>
      }
    >
      <ComboBox
        label={t.folders}
        choices={places.map((mailbox) => ({ id: mailbox.id, label: nameOf(mailbox), detail: parentName(mailbox) }))}
        value={target}
        onChange={setTarget}
      />
    </Dialog>
  );
}
