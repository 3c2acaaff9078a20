import type { DriveNode } from "@bouquet/contract/drive.ts";
import { request } from "../../api/http.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { NameDialog as Naming } from "../../ui/name-dialog.tsx";
import { toast } from "../../ui/toast.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { useNodeActions } from "../use-node-actions.ts";

type Props = { readonly onClose: () => void } & (
  | { readonly parentId: string; readonly node?: undefined }
  | { readonly node: DriveNode; readonly parentId?: undefined }
);

/** A new folder's name, or another name for a node. */
export function NameDialog({ parentId, node, onClose }: Props) {
  const t = useDriveText();
  const explain = useDriveErrorText();
  const { refresh } = useNodeActions();
  const save = async (name: string) => {
    if (node) {
      await request<DriveNode>(`/api/drive/nodes/${node.id}`, { method: "PATCH", body: { name } });
      toast(t.renamed);
    } else {
      await request<DriveNode>(`/api/drive/folders/${parentId}/folders`, { method: "POST", body: { name } });
      toast(t.created(name));
    }
    void refresh();
  };
  return (
    <Naming
      title={node ? t.renameTitle(node.name) : t.newFolder}
      label={node ? t.name : t.nameOfFolder}
      verb={node ? t.rename : t.create}
      name={node?.name ?? ""}
      isFile={node?.kind === "file"}
      empty={t.reasons.name_empty}
      {...{ save, explain, onClose }}
    />
  );
}
