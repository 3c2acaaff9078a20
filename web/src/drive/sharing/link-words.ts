import type { ShareLink } from "@bouquet/contract/drive.ts";
import { useSession } from "../../api/session.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { formatEnd } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { linkLevelOf } from "./levels.ts";

/** The facts of a link in words: until when, with what, how often. */
export function useLinkWords() {
  const t = useDriveText();
  const sharing = useDriveSharingText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const endOf = ({ expiresAt }: ShareLink) => expiresAt && formatEnd(expiresAt, { language, timeZone });
  const states: Record<ShareLink["state"], string> = {
    active: t.activeLink,
    expired: t.expired,
    removed: t.removedTarget,
    used_up: sharing.usedUp,
  };
  return {
    states,
    levelOf: (link: ShareLink) => sharing.linkLevels[linkLevelOf(link)],
    endOf,
    factsOf: (link: ShareLink): string[] => {
      const end = endOf(link);
      const facts = [
        sharing.linkLevels[linkLevelOf(link)],
        end === null ? t.forever : t.until(end),
        link.hasPassword && t.hasPassword,
        link.recipient && sharing.mailedTo(link.recipient),
        link.downloadLimit !== null && sharing.downloads(link.downloadCount, link.downloadLimit),
        link.openedCount > 0 ? t.opened(link.openedCount) : t.neverOpened,
      ];
      return facts.filter((fact) => typeof fact === "string");
    },
  };
}
