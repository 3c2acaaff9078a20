import type { Weight } from "@bouquet/contract/drive-recovery.ts";
import { useDriveRecoveryText } from "../../i18n/drive-recovery.ts";
import { Confirm } from "../../ui/dialog.tsx";

interface Props {
  readonly act: "trash" | "move";
  readonly weight: Weight;
  readonly run: () => void;
  readonly onClose: () => void;
}

/** Asked before so much is deleted or moved that a device would be paused for it. */
export function MuchDialog({ act, weight: { files, total }, run, onClose }: Props) {
  const t = useDriveRecoveryText();
  const isTrash = act === "trash";
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={(isTrash ? t.muchTitle : t.muchMoveTitle)(files)}
      text={(isTrash ? t.muchText : t.muchMoveText)(files, total)}
      confirm={isTrash ? t.remove : t.move}
      keep={isTrash ? t.keep : t.cancel}
      variant={isTrash ? "danger" : "primary"}
      onConfirm={() => {
        onClose();
        run();
      }}
    />
  );
}
