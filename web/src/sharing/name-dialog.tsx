import type { SharedNode } from "@bouquet/contract/sharing.ts";
import { type FormEvent, useId, useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { ApiError } from "../api/http.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
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

/** A new folder's name, or another name. A refused name stays in the field with its reason. */
export function SharedNameDialog({ token, visitor, node, folderId, onDone, onClose }: Props) {
  const t = useSharingText();
  const errorText = useErrorText();
  const form = useId();
  const [name, setName] = useState(node?.name ?? "");
  const [error, setError] = useState<string | null>(null);
  const [isPending, setPending] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isPending) return;
    const wanted = name.trim();
    if (wanted === "") return setError(t.nameEmpty);
    setPending(true);
    try {
      if (node) await renameShared(token, node.id, wanted, visitor);
      else await createSharedFolder(token, folderId, wanted, visitor);
      onDone();
      onClose();
    } catch (refusal) {
      const isTaken = refusal instanceof ApiError && refusal.code === "conflict";
      setError(isTaken ? t.nameTaken : errorText(refusal));
      setPending(false);
    }
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={node ? t.renameTitle(node.name) : t.newFolder}
      actions={
        <>
          <Button onPress={onClose}>{t.cancel}</Button>
          <Button variant="primary" type="submit" form={form} isPending={isPending}>
            {node ? t.rename : t.create}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate>
        <TextField
          label={t.name}
          value={name}
          onChange={(next) => {
            setName(next);
            setError(null);
          }}
          error={error}
          autoFocus
          autoComplete="off"
        />
      </form>
    </Dialog>
  );
}
