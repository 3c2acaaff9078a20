import { Link } from "react-aria-components";
import { useSharingText } from "../i18n/sharing.ts";
import { cx } from "../ui/cx.ts";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { isPage } from "../ui/previewed.ts";
import { Thumbnail } from "../ui/thumbnail.tsx";
import { sharePath } from "./share-place.ts";
import { picturePath } from "./share-queries.ts";
import { NodeActs, type RowsProps, useNodeFacts, WayIn } from "./shared-table.tsx";

/** A shared folder as pictures: folders as short tiles, then files as large as their previews. */
export function SharedTiles(props: RowsProps) {
  const { label, rows, token, info } = props;
  const t = useSharingText();
  const { dateOf, sizeOf } = useNodeFacts();
  const variant = info.downloadsLeft === null ? "large" : "small";
  return (
    <ul className="shared-tiles" aria-label={label}>
      {rows.map((node) =>
        node.kind === "folder" ? (
          <li key={node.id} className="tile dir">
            <Link className="nm" href={sharePath(token, node.id)}>
              <FileGlyph kind="dir" />
              <span className="grow">
                <span className="clip name">{node.name}</span>
                <span className="small muted">{sizeOf(node)}</span>
              </span>
            </Link>
            <NodeActs {...props} node={node} isShort />
          </li>
        ) : (
          <li key={node.id} className="tile">
            <WayIn {...props} node={node} className="look">
              <Thumbnail className={cx("th", isPage(node) && "page")} src={picturePath(token, node, variant)}>
                <FileGlyph mediaType={node.contentType} name={node.name} />
              </Thumbnail>
              <span className="vh">{t.lookAt(node.name)}</span>
            </WayIn>
            <div className="tile-foot">
              <span className="grow">
                <span className="clip name" title={node.name}>
                  {node.name}
                </span>
                <span className="small muted clip">
                  {dateOf(node)} · {sizeOf(node)}
                </span>
              </span>
              <NodeActs {...props} node={node} isShort />
            </div>
          </li>
        ),
      )}
    </ul>
  );
}
