import type { ShareLink } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { Copy, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "react-aria-components";
import { useSession } from "../api/session.ts";
import { useDriveText } from "../i18n/drive.ts";
import { formatFullDate } from "../i18n/format.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { IconButton } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { StateDot } from "../ui/marks.tsx";
import { DataTable } from "../ui/table.tsx";
import { useCopyLink } from "./dialogs/copy-link.ts";
import { RevokeLink } from "./dialogs/revoke-link.tsx";
import { addressOf, useDrive } from "./drive-context.ts";
import { useDriveErrorText } from "./drive-error-text.ts";
import { linksQuery } from "./drive-queries.ts";

/** « Mes liens »: everything that the person has opened to outside people. */
export function LinksPage() {
  const t = useDriveText();
  const ui = useUiText();
  const errorText = useDriveErrorText();
  useTitle(t.links);
  const { data, error, isPending, refetch } = useQuery(linksQuery);
  const [revoking, setRevoking] = useState<ShareLink | null>(null);
  return (
    <div className="sheet ds">
      <section className="ds-main">
        <div className="bc">
          <h1>{t.links}</h1>
        </div>
        {isPending && <SkeletonRows count={6} />}
        {error && !data && (
          <div className="in-sheet">
            <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
              {errorText(error)}
            </Banner>
          </div>
        )}
        {data?.links.length === 0 && (
          <EmptyState drawing="gate" level={2} title={t.emptyLinks}>
            {t.emptyLinksText}
          </EmptyState>
        )}
        {data && data.links.length > 0 && <LinkTable links={data.links} onRevoke={setRevoking} />}
      </section>
      {revoking && <RevokeLink link={revoking} onClose={() => setRevoking(null)} />}
    </div>
  );
}

function LinkTable({ links, onRevoke }: { links: readonly ShareLink[]; onRevoke: (link: ShareLink) => void }) {
  const t = useDriveText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const { open } = useDrive();
  const copy = useCopyLink();
  const states = { active: t.activeLink, expired: t.expired, removed: t.removedTarget };
  const nameOf = (link: ShareLink) => link.label ?? link.node.name;
  return (
    <div className="my-links">
      <DataTable
        label={t.links}
        rows={links}
        keyOf={(link) => link.id}
        columns={[
          {
            id: "name",
            title: t.columnName,
            cell: (link) => (
              <div className="nm">
                <FileGlyph name={link.node.name} kind={link.node.kind === "folder" ? "dir" : undefined} />
                <span className="grow">
                  {link.state === "removed" ? (
                    <span className="own-line clip">{link.node.name}</span>
                  ) : (
                    <Link className="own-line clip" href={addressOf(link.node)}>
                      {link.node.name}
                    </Link>
                  )}
                  <span className="small muted own-line clip">
                    {[link.label, link.hasPassword && t.hasPassword].filter(Boolean).join(" · ") || t.noLabel}
                  </span>
                </span>
              </div>
            ),
          },
          {
            id: "state",
            title: t.columnState,
            className: "mid",
            cell: (link) => <StateDot tone={link.state === "active" ? "ok" : "off"}>{states[link.state]}</StateDot>,
          },
          {
            id: "until",
            title: t.columnUntil,
            className: "mid wide",
            cell: (link) => (
              <span className="small muted">
                {link.expiresAt ? formatFullDate(link.expiresAt, { language, timeZone }) : t.forever}
              </span>
            ),
          },
          {
            id: "opened",
            title: t.columnOpened,
            className: "few wide",
            isNumber: true,
            cell: (link) => <span className="small muted">{link.openedCount}</span>,
          },
          {
            id: "actions",
            title: t.columnActions,
            hideTitle: true,
            className: "acts-3",
            isNumber: true,
            cell: (link) => (
              <span className="row end">
                {link.url !== null && link.state === "active" && (
                  <IconButton size="sm" label={t.copyOf(nameOf(link))} icon={Copy} onPress={() => void copy(link)} />
                )}
                {link.state !== "removed" && (
                  <IconButton
                    size="sm"
                    label={t.editOf(nameOf(link))}
                    icon={Pencil}
                    onPress={() => open({ kind: "share", node: link.node })}
                  />
                )}
                <IconButton size="sm" label={t.revokeOf(nameOf(link))} icon={Trash2} onPress={() => onRevoke(link)} />
              </span>
            ),
          },
        ]}
      />
    </div>
  );
}
