import type { ShareLink } from "@bouquet/contract/drive.ts";
import { useSession } from "../../api/session.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { formatEnd } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { toast, toastProblem } from "../../ui/toast.tsx";

/** Copies a link and says until when it works. */
export function useCopyLink(): (link: ShareLink) => Promise<void> {
  const t = useDriveText();
  const language = useLanguage();
  const { timeZone } = useSession();
  return async (link) => {
    if (link.url === null) return toastProblem(t.linkIsHidden);
    try {
      await navigator.clipboard.writeText(link.url);
      toast(link.expiresAt ? t.linkCopiedUntil(formatEnd(link.expiresAt, { language, timeZone })) : t.linkCopied);
    } catch {
      toastProblem(t.copyFailed);
    }
  };
}
