import "../sharing/sharing.css";
import type { NodeKind, ShareLink } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Note, SkeletonRows } from "../../ui/feedback.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { nodeQuery } from "../drive-queries.ts";
import { AddPeople } from "../sharing/add-people.tsx";
import { PeopleList } from "../sharing/people-list.tsx";
import { nodeSharesQuery } from "../sharing/sharing-queries.ts";
import { useNodeActions } from "../use-node-actions.ts";
import { LinkForm } from "./link-form.tsx";
import { LinkItem } from "./link-item.tsx";

interface Props {
  readonly node: { readonly id: string; readonly name: string; readonly kind: NodeKind };
  readonly onClose: () => void;
}

/** With whom a node is shared, and by which links: everything is changed here. */
export function ShareDialog({ node, onClose }: Props) {
  const t = useDriveText();
  const sharing = useDriveSharingText();
  const errorText = useDriveErrorText();
  const { refresh } = useNodeActions();
  const details = useQuery(nodeQuery(node.id));
  const people = useQuery(nodeSharesQuery(node.id));
  const links = details.data?.links ?? [];
  const [editing, setEditing] = useState<ShareLink | "new" | null>(null);
  const [fresh, setFresh] = useState<string | null>(null);
  const error = details.error ?? people.error;
  const isReady = details.data !== undefined && people.data !== undefined;
  const known = (people.data?.shares ?? []).map((share) => share.with.uid);
  const mayGive = people.data?.mayGive ?? [];
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t.shareTitle(node.name)}
      isWide
      isDismissable={editing === null}
      actions={editing === null && <Button onPress={onClose}>{t.close}</Button>}
    >
      {error && <Note tone="danger">{errorText(error)}</Note>}
      {!isReady && !error && <SkeletonRows count={3} />}
      {isReady && editing !== null && (
        <LinkForm
          key={editing === "new" ? "new" : editing.id}
          node={node}
          link={editing === "new" ? null : editing}
          mayGive={mayGive}
          onDone={(link) => {
            setFresh(link.id);
            setEditing(null);
          }}
          onCancel={() => setEditing(null)}
        />
      )}
      {isReady && editing === null && (
        <div className="share-parts">
          <section aria-labelledby="share-people">
            <h3 id="share-people">{sharing.people}</h3>
            {mayGive.length > 0 && <AddPeople node={node} mayGive={mayGive} known={known} onShared={refresh} />}
            <PeopleList
              shares={people.data?.shares ?? []}
              inherited={people.data?.inherited ?? []}
              mayGive={mayGive}
              onChanged={refresh}
            />
          </section>
          <section aria-labelledby="share-links">
            <h3 id="share-links">{sharing.byLink}</h3>
            {links.length === 0 && <p className="muted small">{t.shareIntro}</p>}
            {links.length > 0 && (
              <ul className="links" aria-label={t.existingLinks}>
                {links.map((link) => (
                  <LinkItem key={link.id} link={link} isFresh={link.id === fresh} onEdit={() => setEditing(link)} />
                ))}
              </ul>
            )}
            {mayGive.length > 0 && (
              <div>
                <Button icon={Plus} size="sm" onPress={() => setEditing("new")}>
                  {t.newLink}
                </Button>
              </div>
            )}
          </section>
        </div>
      )}
    </Dialog>
  );
}
