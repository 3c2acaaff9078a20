import type { Weight } from "@bouquet/contract/drive-recovery.ts";
import { useDriveRecoveryText } from "../../i18n/drive-recovery.ts";
import { Confirm } from "../../ui/dialog.tsx";

interface Props {
  readonly act: "trash" | "move" | "replace";
  readonly weight: Weight;
  readonly run: () => void;
  readonly onClose: () => void;
}

/** Asked before so much is deleted, moved or replaced that a device would be paused for it. */
export function MuchDialog({ act, weight: { files, total }, run, onClose }: Props) {
  const t = useDriveRecoveryText();
  const words = {
    trash: { title: t.muchTitle, text: t.muchText, confirm: t.remove, keep: t.keep },
    move: { title: t.muchMoveTitle, text: t.muchMoveText, confirm: t.move, keep: t.cancel },
    replace: { title: t.muchReplaceTitle, text: t.muchReplaceText, confirm: t.replace, keep: t.cancel },
  }[act];
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={words.title(files)}
      text={words.text(files, total)}
      confirm={words.confirm}
      keep={words.keep}
      variant={act === "move" ? "primary" : "danger"}
      onConfirm={() => {
        onClose();
        run();
      }}
    />
  );
}
