import type { ShareLink } from "@bouquet/contract/drive.ts";
import { Copy, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useSession } from "../../api/session.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { formatFullDate } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { StateDot } from "../../ui/marks.tsx";
import { useCopyLink } from "./copy-link.ts";
import { RevokeLink } from "./revoke-link.tsx";

/** One link of a node. A new one shows its address at once. */
export function LinkItem({ link, isFresh, onEdit }: { link: ShareLink; isFresh: boolean; onEdit: () => void }) {
  const t = useDriveText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const copy = useCopyLink();
  const [isRevoking, setRevoking] = useState(false);
  const name = link.label ?? t.noLabel;
  const facts = [
    link.expiresAt ? t.until(formatFullDate(link.expiresAt, { language, timeZone })) : t.forever,
    link.hasPassword && t.hasPassword,
    link.openedCount > 0 ? t.opened(link.openedCount) : t.neverOpened,
  ];
  return (
    <li className="stack stack-3">
      <div className="row">
        <span className="grow">
          <span className="own-line strong clip">{name}</span>
          <span className="small muted">{facts.filter(Boolean).join(" · ")}</span>
        </span>
        {link.state !== "active" && (
          <StateDot tone="off">{link.state === "expired" ? t.expired : t.removedTarget}</StateDot>
        )}
        <IconButton size="sm" label={t.editOf(name)} icon={Pencil} onPress={onEdit} />
        <IconButton size="sm" label={t.revokeOf(name)} icon={Trash2} onPress={() => setRevoking(true)} />
      </div>
      {link.url !== null && link.state === "active" && (
        <div className="row">
          <input className="input grow" readOnly value={link.url} aria-label={t.linkAddress} />
          <Button
            icon={Copy}
            variant={isFresh ? "primary" : "plain"}
            aria-label={t.copyOf(name)}
            onPress={() => void copy(link)}
          >
            {t.copyLink}
          </Button>
        </div>
      )}
      {link.url === null && <p className="small muted">{t.linkIsHidden}</p>}
      {isRevoking && <RevokeLink link={link} onClose={() => setRevoking(false)} />}
    </li>
  );
}
