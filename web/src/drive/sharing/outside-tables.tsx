import type { OutsideLink, SharedOutside, ShareLink } from "@bouquet/contract/drive.ts";
import { Copy, Eye, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { IconButton } from "../../ui/button.tsx";
import { StateDot } from "../../ui/marks.tsx";
import { DataTable } from "../../ui/table.tsx";
import { useCopyLink } from "../dialogs/copy-link.ts";
import { RevokeLink } from "../dialogs/revoke-link.tsx";
import { useDrive } from "../drive-context.ts";
import { useLinkWords } from "./link-words.ts";
import { SharedName } from "./shared-name.tsx";
import { GivenTable } from "./shares-tables.tsx";
import { VisitsDialog } from "./visits-dialog.tsx";

interface Props {
  readonly outside: SharedOutside;
  /** An administrator looks: they may end it, and not open or change it. */
  readonly isOfOrganization?: boolean;
}

/** What people outside can see: links, and shares with other organizations. */
export function OutsideTables({ outside: { links, shares }, isOfOrganization = false }: Props) {
  const t = useDriveSharingText();
  return (
    <>
      {links.length > 0 && <LinkTable links={links} isOfOrganization={isOfOrganization} />}
      {shares.length > 0 && (
        <>
          <h2>{t.elsewhereTitle}</h2>
          <GivenTable label={t.elsewhereTitle} shares={shares} isOfOrganization={isOfOrganization} />
        </>
      )}
    </>
  );
}

function LinkTable({ links, isOfOrganization }: { links: readonly OutsideLink[]; isOfOrganization: boolean }) {
  const t = useDriveText();
  const sharing = useDriveSharingText();
  const words = useLinkWords();
  const { open } = useDrive();
  const copy = useCopyLink();
  const [revoking, setRevoking] = useState<ShareLink | null>(null);
  const [visited, setVisited] = useState<ShareLink | null>(null);
  const nameOf = (link: ShareLink) => link.label ?? link.node.name;
  const factsOf = ({ link, space }: OutsideLink) => {
    const from = isOfOrganization ? [space, link.createdBy === space ? null : link.createdBy] : [];
    return [...from, link.label, ...words.factsOf(link)].filter(Boolean).join(" · ");
  };
  return (
    <div className="my-links">
      <DataTable
        label={sharing.outside}
        rows={links}
        keyOf={({ link }) => link.id}
        columns={[
          {
            id: "name",
            title: t.columnName,
            cell: (row) => (
              <SharedName
                node={row.link.node}
                isPlain={isOfOrganization || row.link.state === "removed"}
                facts={factsOf(row)}
              />
            ),
          },
          {
            id: "state",
            title: t.columnState,
            className: "mid",
            cell: ({ link }) => (
              <StateDot tone={link.state === "active" ? "ok" : "off"}>{words.states[link.state]}</StateDot>
            ),
          },
          {
            id: "actions",
            title: t.columnActions,
            hideTitle: true,
            className: "acts-4",
            isNumber: true,
            cell: ({ link }) => (
              <span className="row end">
                {link.url !== null && link.state === "active" && (
                  <IconButton size="sm" label={t.copyOf(nameOf(link))} icon={Copy} onPress={() => void copy(link)} />
                )}
                {link.url !== null && (
                  <IconButton
                    size="sm"
                    label={sharing.visitsOf(nameOf(link))}
                    icon={Eye}
                    onPress={() => setVisited(link)}
                  />
                )}
                {!isOfOrganization && link.state !== "removed" && (
                  <IconButton
                    size="sm"
                    label={t.editOf(nameOf(link))}
                    icon={Pencil}
                    onPress={() => open({ kind: "share", node: link.node })}
                  />
                )}
                <IconButton
                  size="sm"
                  label={t.revokeOf(nameOf(link))}
                  icon={Trash2}
                  onPress={() => setRevoking(link)}
                />
              </span>
            ),
          },
        ]}
      />
      {revoking && (
        <RevokeLink
          link={revoking}
          onClose={() => setRevoking(null)}
          {...(isOfOrganization && { path: `/api/drive/organization/links/${revoking.id}` })}
        />
      )}
      {visited && <VisitsDialog link={visited} onClose={() => setVisited(null)} />}
    </div>
  );
}
