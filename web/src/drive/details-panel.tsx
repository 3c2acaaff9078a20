import type { NodeDetails } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { Download, Link2, UserRound, UsersRound, X } from "lucide-react";
import { Link } from "react-aria-components";
import { useSession } from "../api/session.ts";
import { useDriveText } from "../i18n/drive.ts";
import { useDriveSharingText } from "../i18n/drive-sharing.ts";
import { formatBytes, formatDateTime, formatEnd, formatFullDate } from "../i18n/format.ts";
import { useLanguage } from "../i18n/text.ts";
import { Button, ButtonLink, IconButton } from "../ui/button.tsx";
import { Note, SkeletonRows } from "../ui/feedback.tsx";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { addressOf, useDrive } from "./drive-context.ts";
import { useDriveErrorText } from "./drive-error-text.ts";
import { downloadHref, nodeQuery, useSpaces } from "./drive-queries.ts";
import { levelOf } from "./sharing/levels.ts";
import { nodeSharesQuery } from "./sharing/sharing-queries.ts";
import { Versions } from "./versions.tsx";

/** What is known of one node. Without `onClose` it stands in a sheet that has its own head. */
export function DetailsPanel({ id, onClose }: { id: string; onClose?: () => void }) {
  const t = useDriveText();
  const errorText = useDriveErrorText();
  const { data, error } = useQuery(nodeQuery(id));
  const content = data ? (
    <Details details={data} onClose={onClose} />
  ) : error ? (
    <div className="in-sheet">
      <Note tone="danger">{errorText(error)}</Note>
    </div>
  ) : (
    <SkeletonRows count={4} />
  );
  if (!onClose) return <div className="info plain">{content}</div>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <aside className="info" aria-label={t.detailsOf(data?.node.name ?? "")} tabIndex={0}>
      {content}
    </aside>
  );
}

function Details({
  details: { node, path, permissions, links },
  onClose,
}: {
  details: NodeDetails;
  onClose?: () => void;
}) {
  const t = useDriveText();
  const sharing = useDriveSharingText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const { open } = useDrive();
  const { spaces } = useSpaces();
  const space = spaces.find((each) => each.accountId === node.accountId);
  const when = { language, timeZone };
  const size = formatBytes(language, node.size);
  const folder = path.at(-2);
  const given = useQuery(nodeSharesQuery(node.id)).data;
  const shares = [...(given?.shares ?? []), ...(given?.inherited ?? [])];
  const active = links.filter((link) => link.state === "active");
  return (
    <>
      <div className="info-top">
        <div className="row top-row">
          <FileGlyph mediaType={node.contentType} name={node.name} kind={node.kind === "folder" ? "dir" : undefined} />
          <span className="grow" />
          {onClose && <IconButton size="sm" label={t.closeDetails} icon={X} onPress={onClose} />}
        </div>
        <div>
          <h2>{node.name}</h2>
          <p className="small muted">
            {node.kind === "folder" ? [t.kindFolder, t.items(node.childCount ?? 0), size].join(", ") : size}
          </p>
        </div>
        <div className="row wrap-row">
          {permissions.canShare && (
            <Button size="sm" variant="primary" icon={Link2} onPress={() => open({ kind: "share", node })}>
              {t.shareShort}
            </Button>
          )}
          <ButtonLink size="sm" icon={Download} href={downloadHref([node])} download>
            {t.download}
          </ButtonLink>
        </div>
      </div>
      <section>
        <h3>{t.who}</h3>
        <div className="row who">
          <Icon of={space && !space.isOwn ? UsersRound : UserRound} />
          <span className="grow">
            {space && !space.isOwn ? t.everyoneOf(space.name) : shares.length > 0 ? t.you : t.onlyYou}
          </span>
        </div>
        {shares.map((share) => (
          <div className="row who" key={share.number}>
            <Icon of={share.with.kind === "group" ? UsersRound : UserRound} />
            <span className="grow">
              {share.with.name}
              <span className="small muted own-line">
                {[
                  share.with.organization,
                  sharing.levels[levelOf(share.rights, share.node.kind)],
                  share.expiresAt && t.until(formatEnd(share.expiresAt, when)),
                  share.node.id !== node.id && sharing.fromAbove(share.node.name),
                ]
                  .filter(Boolean)
                  .join(", ")}
              </span>
            </span>
          </div>
        ))}
        {active.map((link) => (
          <div className="row who" key={link.id}>
            <Icon of={Link2} />
            <span className="grow">
              {link.label ?? t.noLabel}
              <span className="small muted own-line">
                {link.expiresAt ? t.until(formatEnd(link.expiresAt, when)) : t.forever}
                {link.hasPassword && `, ${t.hasPassword}`}
              </span>
            </span>
          </div>
        ))}
      </section>
      <section>
        <h3>{t.about}</h3>
        <dl>
          <dt>{t.modified}</dt>
          <dd>
            {formatDateTime(node.modifiedAt, when)}
            {node.modifiedBy && <span className="own-line">{t.by(node.modifiedBy)}</span>}
          </dd>
          <dt>{t.createdOn}</dt>
          <dd>{formatFullDate(node.createdAt, when)}</dd>
          {folder && (
            <>
              <dt>{t.where}</dt>
              <dd>
                <Link href={addressOf({ id: folder.id, kind: "folder" })}>
                  {folder.name || (space && !space.isOwn ? space.name : t.mine)}
                </Link>
              </dd>
            </>
          )}
        </dl>
      </section>
      {node.kind === "file" && <Versions node={node} canWrite={permissions.canWrite} />}
    </>
  );
}
