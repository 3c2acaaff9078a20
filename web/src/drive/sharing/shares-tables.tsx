import type { NodeShare, SharedOverview } from "@bouquet/contract/drive.ts";
import { LogOut, Pencil, X } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/http.ts";
import { useSession } from "../../api/session.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { formatEnd, formatShortDate } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { DataTable } from "../../ui/table.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { useDrive } from "../drive-context.ts";
import { useDriveErrorText } from "../drive-error-text.ts";
import { useNodeActions } from "../use-node-actions.ts";
import { levelOf } from "./levels.ts";
import { SharedName } from "./shared-name.tsx";
import { useEndShare } from "./use-end-share.ts";

function useShareWords() {
  const t = useDriveSharingText();
  const language = useLanguage();
  const { timeZone } = useSession();
  return {
    rightsOf: (share: NodeShare) => t.levels[levelOf(share.rights, share.node.kind)],
    dateOf: (share: NodeShare) => formatShortDate(share.createdAt, { language, timeZone }),
    endOf: (share: NodeShare) => share.expiresAt && t.untilDay(formatEnd(share.expiresAt, { language, timeZone })),
  };
}

/** What others share with the person. */
export function ReceivedTable({ shares }: { shares: SharedOverview["withMe"] }) {
  const t = useDriveSharingText();
  const drive = useDriveText();
  const words = useShareWords();
  const [leaving, setLeaving] = useState<NodeShare | null>(null);
  return (
    <div className="my-links">
      <DataTable
        label={t.withMe}
        rows={shares}
        keyOf={({ share }) => String(share.number)}
        columns={[
          {
            id: "name",
            title: drive.columnName,
            cell: ({ share }) => (
              <SharedName
                node={share.node}
                facts={[share.createdBy ?? share.owner, words.endOf(share), share.note].filter(Boolean).join(" · ")}
              />
            ),
          },
          {
            id: "rights",
            title: t.columnRights,
            className: "mid",
            cell: ({ share }) => <span className="small">{words.rightsOf(share)}</span>,
          },
          {
            id: "since",
            title: t.columnSince,
            className: "mid wide",
            cell: ({ share }) => <span className="small muted">{words.dateOf(share)}</span>,
          },
          {
            id: "actions",
            title: drive.columnActions,
            hideTitle: true,
            className: "acts-3",
            isNumber: true,
            cell: ({ share }) => (
              <Button
                size="sm"
                variant="ghost"
                icon={LogOut}
                aria-label={t.leaveOf(share.node.name)}
                onPress={() => setLeaving(share)}
              >
                {t.leave}
              </Button>
            ),
          },
        ]}
      />
      {leaving && <LeaveShare share={leaving} onClose={() => setLeaving(null)} />}
    </div>
  );
}

function LeaveShare({ share, onClose }: { share: NodeShare; onClose: () => void }) {
  const t = useDriveSharingText();
  const drive = useDriveText();
  const errorText = useDriveErrorText();
  const { refresh } = useNodeActions();
  const [isPending, setPending] = useState(false);
  const leave = async () => {
    setPending(true);
    try {
      await request(`/api/drive/shares/${share.number}`, { method: "DELETE" });
      toast(t.left(share.node.name));
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
      title={t.leaveTitle(share.node.name)}
      text={t.leaveText}
      confirm={t.leave}
      keep={drive.keep}
      isPending={isPending}
      onConfirm={() => void leave()}
    />
  );
}

interface GivenProps {
  readonly label: string;
  readonly shares: readonly NodeShare[];
  /** An administrator looks: what is shared is not theirs to open. */
  readonly isOfOrganization?: boolean;
}

/** What is shared with people and groups. */
export function GivenTable({ label, shares, isOfOrganization = false }: GivenProps) {
  const t = useDriveSharingText();
  const drive = useDriveText();
  const words = useShareWords();
  const { open } = useDrive();
  const errorText = useDriveErrorText();
  const { refresh } = useNodeActions();
  const end = useEndShare();
  const remove = async (share: NodeShare) => {
    try {
      await end(share, isOfOrganization ? "/api/drive/organization/shares" : undefined);
    } catch (error) {
      toastProblem(errorText(error));
    }
    await refresh();
  };
  return (
    <div className="my-links">
      <DataTable
        label={label}
        rows={shares}
        keyOf={({ number }) => String(number)}
        columns={[
          {
            id: "name",
            title: drive.columnName,
            cell: (share) => (
              <SharedName
                node={share.node}
                isPlain={isOfOrganization}
                facts={[share.with.name, share.with.organization, isOfOrganization && share.owner, words.endOf(share)]
                  .filter(Boolean)
                  .join(" · ")}
              />
            ),
          },
          {
            id: "rights",
            title: t.columnRights,
            className: "mid",
            cell: (share) => <span className="small">{words.rightsOf(share)}</span>,
          },
          {
            id: "since",
            title: t.columnSince,
            className: "mid wide",
            cell: (share) => <span className="small muted">{words.dateOf(share)}</span>,
          },
          {
            id: "actions",
            title: drive.columnActions,
            hideTitle: true,
            className: "acts-3",
            isNumber: true,
            cell: (share) => (
              <span className="row end">
                {!isOfOrganization && (
                  <IconButton
                    size="sm"
                    label={t.change(share.node.name)}
                    icon={Pencil}
                    onPress={() => open({ kind: "share", node: share.node })}
                  />
                )}
                <IconButton
                  size="sm"
                  label={t.endOfShare(share.node.name, share.with.name)}
                  icon={X}
                  onPress={() => void remove(share)}
                />
              </span>
            ),
          },
        ]}
      />
    </div>
  );
}
