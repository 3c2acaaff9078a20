import type { SharedNode } from "@bouquet/contract/sharing.ts";
import { useErrorText } from "../api/error-text.ts";
import { ApiError } from "../api/http.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { NameDialog } from "../ui/name-dialog.tsx";
import { createSharedFolder, renameShared } from "./share-changes.ts";

interface Props {
  readonly token: string;
  readonly visitor: string;
  /** What gets another name; undefined for a new folder in `folderId`. */
  readonly node?: SharedNode | undefined;
  readonly folderId: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** A new folder's name, or another name. */
export function SharedNameDialog({ token, visitor, node, folderId, onDone, onClose }: Props) {
  const t = useSharingText();
  const errorText = useErrorText();
  return (
    <NameDialog
      title={node ? t.renameTitle(node.name) : t.newFolder}
      label={t.name}
      verb={node ? t.rename : t.create}
      name={node?.name ?? ""}
      isFile={node?.kind === "file"}
      empty={t.nameEmpty}
      save={async (name) => {
        if (node) await renameShared(token, node.id, name, visitor);
        else await createSharedFolder(token, folderId, name, visitor);
        onDone();
      }}
      explain={(error) => (error instanceof ApiError && error.code === "conflict" ? t.nameTaken : errorText(error))}
      onClose={onClose}
    />
  );
}
