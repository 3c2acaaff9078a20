import type { SharedNode } from "@bouquet/contract/sharing.ts";
import { Download } from "lucide-react";
import { Link } from "react-aria-components";
import { formatBytes, formatDateTime, formatShortDate } from "../i18n/format.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { useLanguage } from "../i18n/text.ts";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { DataTable } from "../ui/table.tsx";
import { RowMenu } from "./row-menu.tsx";
import { sharePath } from "./share-place.ts";
import { downloadPath, type OpenShare, viewPath } from "./share-queries.ts";
import { useTake } from "./use-take.ts";

interface Props {
  readonly token: string;
  readonly label: string;
  readonly rows: readonly SharedNode[];
  readonly info: OpenShare;
  readonly folderId: string;
  readonly onChanged: () => void;
}

/** The rows of a shared folder. On a phone the date and the size stand under the name. */
export function SharedTable({ token, label, rows, info, folderId, onChanged }: Props) {
  const { allows } = info;
  const t = useSharingText();
  const language = useLanguage();
  const take = useTake(token);
  const sizeOf = (node: SharedNode) =>
    node.kind === "folder" ? t.items(node.childCount ?? 0) : formatBytes(language, node.size);
  const dateOf = (node: SharedNode) => formatShortDate(node.modifiedAt, { language });
  return (
    <DataTable
      label={label}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          id: "name",
          title: t.name,
          cell: (node) => (
            <NameCell
              token={token}
              info={info}
              node={node}
              onTake={() => take(node)}
              facts={`${dateOf(node)} · ${sizeOf(node)}`}
            />
          ),
        },
        {
          id: "modified",
          title: t.modified,
          className: "when",
          cell: (node) => (
            <time
              className="muted small"
              dateTime={node.modifiedAt}
              title={formatDateTime(node.modifiedAt, { language })}
            >
              {dateOf(node)}
            </time>
          ),
        },
        {
          id: "size",
          title: t.size,
          isNumber: true,
          className: "size",
          cell: (node) => <span className="muted small">{sizeOf(node)}</span>,
        },
        {
          id: "download",
          title: t.download,
          hideTitle: true,
          isNumber: true,
          className: "take",
          cell: (node) => (
            <span className="row end">
              {allows.canDownload && (
                <a
                  className="btn ghost sm"
                  href={downloadPath(token, node)}
                  download
                  onClick={() => take(node)}
                  aria-label={t.downloadNamed(node.name)}
                >
                  <Icon of={Download} size="sm" />
                  <span className="only-d">{t.download}</span>
                </a>
              )}
              {(allows.canEdit || allows.canDelete) && (
                <RowMenu token={token} node={node} folderId={folderId} allows={allows} onChanged={onChanged} />
              )}
            </span>
          ),
        },
      ]}
    />
  );
}

interface NameProps {
  readonly token: string;
  readonly info: OpenShare;
  readonly node: SharedNode;
  readonly facts: string;
  readonly onTake: () => void;
}

function NameCell({ token, info, node, facts, onTake }: NameProps) {
  const t = useSharingText();
  // Each look would be one of the downloads that are counted.
  const view = info.downloadsLeft === null ? viewPath(token, node) : undefined;
  const inside = (
    <>
      <FileGlyph
        mediaType={node.contentType}
        name={node.name}
        {...(node.kind === "folder" && { kind: "dir" as const })}
      />
      <span className="grow">
        <span className="clip name">{node.name}</span>
        <span className="sub small muted">{facts}</span>
        {view && <span className="vh">{t.opensInTab}</span>}
      </span>
    </>
  );
  if (node.kind === "folder") {
    return (
      <Link className="nm" href={sharePath(token, node.id)}>
        {inside}
      </Link>
    );
  }
  if (!view && !info.allows.canDownload) {
    return (
      <span className="nm" title={node.name}>
        {inside}
      </span>
    );
  }
  return view ? (
    <a className="nm" href={view} target="_blank" rel="noreferrer" title={node.name}>
      {inside}
    </a>
  ) : (
    <a className="nm" href={downloadPath(token, node)} download onClick={onTake} title={node.name}>
      {inside}
    </a>
  );
}
