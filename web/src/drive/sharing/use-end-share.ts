import type { NodeShare, ShareEnd } from "@bouquet/contract/drive.ts";
import { request } from "../../api/http.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { useUiText } from "../../i18n/ui.ts";
import { toast, toastProblem, toastWithUndo } from "../../ui/toast.tsx";
import { useNodeActions } from "../use-node-actions.ts";
import { useSharingProblem } from "./sharing-problem.ts";

/** Ends a share at once; the toast gives back the very same. Throws what the server refuses. */
export function useEndShare() {
  const t = useDriveSharingText();
  const ui = useUiText();
  const explain = useSharingProblem();
  const { refresh } = useNodeActions();
  const restore = async (undo: string) => {
    try {
      const { with: who } = await request<NodeShare>("/api/drive/shares/restore", { method: "POST", body: { undo } });
      toast(t.givenBack(who.name));
    } catch (error) {
      toastProblem(explain(error));
    }
    await refresh();
  };
  return async ({ number, with: who }: NodeShare, path = "/api/drive/shares") => {
    const { undo } = await request<ShareEnd>(`${path}/${number}`, { method: "DELETE" });
    if (undo === null) toast(t.ended(who.name));
    else toastWithUndo(t.ended(who.name), ui.undo, () => void restore(undo));
  };
}
