import type { DriveNode } from "@bouquet/contract/drive.ts";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { request } from "../../api/http.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { useNodeActions } from "../use-node-actions.ts";

type Props = { readonly onClose: () => void } & (
  | { readonly parentId: string; readonly node?: undefined }
  | { readonly node: DriveNode; readonly parentId?: undefined }
);

/** A new folder's name, or another name for a node. A refused name stays in the field with its reason. */
export function NameDialog({ parentId, node, onClose }: Props) {
  const t = useDriveText();
  const errorText = useDriveErrorText();
  const { refresh } = useNodeActions();
  const form = useId();
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(node?.name ?? "");
  const [error, setError] = useState<string | null>(null);
  const [isPending, setPending] = useState(false);

  useEffect(() => {
    const field = input.current;
    if (!field) return;
    field.focus();
    // The extension rarely changes: typing replaces what stands before it.
    const dot = node?.kind === "file" ? field.value.lastIndexOf(".") : -1;
    field.setSelectionRange(0, dot > 0 ? dot : field.value.length);
  }, [node]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isPending) return;
    if (name.trim() === "") return setError(t.reasons.name_empty);
    setPending(true);
    try {
      if (node) {
        await request<DriveNode>(`/api/drive/nodes/${node.id}`, { method: "PATCH", body: { name: name.trim() } });
        toast(t.renamed);
      } else {
        await request<DriveNode>(`/api/drive/folders/${parentId}/folders`, {
          method: "POST",
          body: { name: name.trim() },
        });
        toast(t.created(name.trim()));
      }
      void refresh();
      onClose();
    } catch (refusal) {
      setError(errorText(refusal));
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
          inputRef={input}
          label={node ? t.name : t.nameOfFolder}
          value={name}
          onChange={(value) => {
            setName(value);
            setError(null);
          }}
          error={error}
          autoComplete="off"
        />
      </form>
    </Dialog>
  );
}
