import type { SharedNode } from "@bouquet/contract/sharing.ts";
import { Download } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-aria-components";
import { formatBytes, formatDateTime, formatShortDate } from "../i18n/format.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { useLanguage } from "../i18n/text.ts";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { DataTable } from "../ui/table.tsx";
import { Thumbnail } from "../ui/thumbnail.tsx";
import { RowMenu } from "./row-menu.tsx";
import { sharePath } from "./share-place.ts";
import { downloadPath, type OpenShare, picturePath, viewPath } from "./share-queries.ts";
import { useTake } from "./use-take.ts";

export interface RowsProps {
  readonly token: string;
  readonly label: string;
  readonly rows: readonly SharedNode[];
  readonly info: OpenShare;
  readonly folderId: string;
  readonly onChanged: () => void;
}

type NodeProps = Omit<RowsProps, "label" | "rows"> & { readonly node: SharedNode };

/** The rows of a shared folder. On a phone the date and the size stand under the name. */
export function SharedTable(props: RowsProps) {
  const { label, rows } = props;
  const t = useSharingText();
  const language = useLanguage();
  const { dateOf, sizeOf } = useNodeFacts();
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
            <WayIn {...props} node={node} className="nm">
              <Thumbnail src={picturePath(props.token, node, "small_square")}>
                <FileGlyph
                  mediaType={node.contentType}
                  name={node.name}
                  {...(node.kind === "folder" && { kind: "dir" as const })}
                />
              </Thumbnail>
              <span className="grow">
                <span className="clip name">{node.name}</span>
                <span className="sub small muted">
                  {dateOf(node)} · {sizeOf(node)}
                </span>
              </span>
            </WayIn>
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
          cell: (node) => <NodeActs {...props} node={node} />,
        },
      ]}
    />
  );
}

/** The date and the size of a node, or what a folder holds. */
export function useNodeFacts() {
  const t = useSharingText();
  const language = useLanguage();
  return {
    sizeOf: (node: SharedNode) =>
      node.kind === "folder" ? t.items(node.childCount ?? 0) : formatBytes(language, node.size),
    dateOf: (node: SharedNode) => formatShortDate(node.modifiedAt, { language }),
  };
}

/** Takes a node, and what else may be done with it. */
export function NodeActs({ isShort = false, ...props }: NodeProps & { readonly isShort?: boolean }) {
  const { token, info, node, folderId, onChanged } = props;
  const { allows } = info;
  const t = useSharingText();
  const take = useTake(token);
  return (
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
          {!isShort && <span className="only-d">{t.download}</span>}
        </a>
      )}
      {(allows.canEdit || allows.canDelete) && (
        <RowMenu token={token} node={node} folderId={folderId} allows={allows} onChanged={onChanged} />
      )}
    </span>
  );
}

/** Opens a folder, shows a file in a tab of its own, or takes it; nothing where neither is allowed. */
export function WayIn({
  token,
  info,
  node,
  className,
  children,
}: NodeProps & { readonly className: string; readonly children: ReactNode }) {
  const t = useSharingText();
  const take = useTake(token);
  if (node.kind === "folder") {
    return (
      <Link className={className} href={sharePath(token, node.id)}>
        {children}
      </Link>
    );
  }
  const view = viewPath(token, node, info);
  if (view !== undefined) {
    return (
      <a className={className} href={view} target="_blank" rel="noreferrer" title={node.name}>
        {children}
        <span className="vh">{t.opensInTab}</span>
      </a>
    );
  }
  if (!info.allows.canDownload) {
    return (
      <span className={className} title={node.name}>
        {children}
      </span>
    );
  }
  return (
    <a className={className} href={downloadPath(token, node)} download onClick={() => take(node)} title={node.name}>
      {children}
    </a>
  );
}
