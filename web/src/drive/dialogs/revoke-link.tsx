import type { ShareLink } from "@bouquet/contract/drive.ts";
import { useState } from "react";
import { request } from "../../api/http.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { useNodeActions } from "../use-node-actions.ts";

/** Asks before a link is closed: whoever holds it cannot be given it back. */
export function RevokeLink({
  link,
  onClose,
  path = `/api/drive/links/${link.id}`,
}: {
  link: ShareLink;
  onClose: () => void;
  path?: string;
}) {
  const t = useDriveText();
  const errorText = useDriveErrorText();
  const { refresh } = useNodeActions();
  const [isPending, setPending] = useState(false);
  const revoke = async () => {
    setPending(true);
    try {
      await request(path, { method: "DELETE" });
      toast(t.revoked);
    } catch (error) {
      toastProblem(errorText(error));
    }
    await refresh();
    onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t.revokeTitle}
      text={t.revokeText}
      confirm={t.revoke}
      keep={t.keep}
      isPending={isPending}
      onConfirm={() => void revoke()}
    />
  );
}
