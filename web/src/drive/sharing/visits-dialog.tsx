import "./sharing.css";
import type { ShareLink } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { useSession } from "../../api/session.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Note, SkeletonRows } from "../../ui/feedback.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { visitsQuery } from "./sharing-queries.ts";

/** Who came by a link, when, and what they did. */
export function VisitsDialog({ link, onClose }: { link: ShareLink; onClose: () => void }) {
  const t = useDriveText();
  const sharing = useDriveSharingText();
  const errorText = useDriveErrorText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const { data, error } = useQuery(visitsQuery(link.id));
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={sharing.visitsTitle(link.label ?? link.node.name)}
      actions={<Button onPress={onClose}>{t.close}</Button>}
    >
      <p className="muted small">{sharing.visitsText}</p>
      {error && <Note tone="danger">{errorText(error)}</Note>}
      {!data && !error && <SkeletonRows count={3} />}
      {data?.visits.length === 0 && <p>{sharing.visitsNone}</p>}
      {data && data.visits.length > 0 && (
        <ol className="visits">
          {data.visits.map((visit) => (
            <li key={`${visit.at} ${visit.action} ${visit.nodeName}`}>
              <span>
                <span className="strong">{visit.visitorName ?? sharing.somebody}</span> {sharing.actions[visit.action]}
                {visit.action !== "opened" && ` « ${visit.nodeName ?? sharing.something} »`}
              </span>
              <span className="small muted">
                <time dateTime={visit.at}>{formatDateTime(visit.at, { language, timeZone })}</time> · {visit.network}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Dialog>
  );
}
