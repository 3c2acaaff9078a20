import type { ShareAllows, SharedNode } from "@bouquet/contract/sharing.ts";
import { EllipsisVertical, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { IconButton } from "../ui/button.tsx";
import { Confirm, Dialog } from "../ui/dialog.tsx";
import { MenuButton, MenuEntry } from "../ui/menu.tsx";
import { SharedNameDialog } from "./name-dialog.tsx";
import { deleteShared } from "./share-changes.ts";
import { useVisitorName } from "./visitor-name.ts";

interface Props {
  readonly token: string;
  readonly node: SharedNode;
  readonly folderId: string;
  readonly allows: ShareAllows;
  readonly onChanged: () => void;
}

/** What may be changed of one row. */
export function RowMenu({ token, node, folderId, allows, onChanged }: Props) {
  const t = useSharingText();
  const errorText = useErrorText();
  const [visitor] = useVisitorName();
  const [doing, setDoing] = useState<"rename" | "delete" | null>(null);
  const [isPending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const close = () => setDoing(null);
  const remove = async () => {
    setPending(true);
    try {
      await deleteShared(token, node.id, visitor.trim());
    } catch (error) {
      setProblem(errorText(error));
    }
    setPending(false);
    close();
    onChanged();
  };
  return (
    <>
      <MenuButton
        trigger={<IconButton size="sm" label={t.actionsOf(node.name)} icon={EllipsisVertical} />}
        label={t.actionsOf(node.name)}
      >
        {allows.canEdit && (
          <MenuEntry icon={Pencil} onAction={() => setDoing("rename")}>
            {t.rename}
          </MenuEntry>
        )}
        {allows.canDelete && (
          <MenuEntry icon={Trash2} isDanger onAction={() => setDoing("delete")}>
            {t.remove}
          </MenuEntry>
        )}
      </MenuButton>
      {doing === "rename" && (
        <SharedNameDialog
          token={token}
          visitor={visitor.trim()}
          node={node}
          folderId={folderId}
          onDone={onChanged}
          onClose={close}
        />
      )}
      {doing === "delete" && (
        <Confirm
          isOpen
          onClose={close}
          title={t.removeTitle(node.name)}
          text={t.removeText}
          confirm={t.remove}
          keep={t.keep}
          isPending={isPending}
          onConfirm={() => void remove()}
        />
      )}
      <Dialog isOpen={problem !== null} onClose={() => setProblem(null)} title={t.removeFailed}>
        <p>{problem}</p>
      </Dialog>
    </>
  );
}
