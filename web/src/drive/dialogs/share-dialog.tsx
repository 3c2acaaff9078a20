import type { NodeKind, ShareLink } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useDriveText } from "../../i18n/drive.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Note, SkeletonRows } from "../../ui/feedback.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { nodeQuery } from "../drive-queries.ts";
import { LinkForm } from "./link-form.tsx";
import { LinkItem } from "./link-item.tsx";

interface Props {
  readonly node: { readonly id: string; readonly name: string; readonly kind: NodeKind };
  readonly onClose: () => void;
}

/** The links of one node: make, copy, change, close. */
export function ShareDialog({ node, onClose }: Props) {
  const t = useDriveText();
  const errorText = useDriveErrorText();
  const { data, error } = useQuery(nodeQuery(node.id));
  const links = data?.links ?? [];
  const [editing, setEditing] = useState<ShareLink | "new" | null>(null);
  const [fresh, setFresh] = useState<string | null>(null);
  const isEmpty = data !== undefined && links.length === 0;
  const form = editing ?? (isEmpty ? "new" : null);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t.shareTitle(node.name)}
      isWide
      isDismissable={form === null}
      actions={form === null && <Button onPress={onClose}>{t.close}</Button>}
    >
      <p className="muted">{t.shareIntro}</p>
      {error && <Note tone="danger">{errorText(error)}</Note>}
      {!data && !error && <SkeletonRows count={2} />}
      {form !== null && (
        <LinkForm
          key={form === "new" ? "new" : form.id}
          nodeId={node.id}
          link={form === "new" ? null : form}
          onDone={(link) => {
            setFresh(link.id);
            setEditing(null);
          }}
          onCancel={isEmpty ? onClose : () => setEditing(null)}
        />
      )}
      {form === null && links.length > 0 && (
        <>
          <ul className="links" aria-label={t.existingLinks}>
            {links.map((link) => (
              <LinkItem key={link.id} link={link} isFresh={link.id === fresh} onEdit={() => setEditing(link)} />
            ))}
          </ul>
          <div>
            <Button icon={Plus} size="sm" onPress={() => setEditing("new")}>
              {t.newLink}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
