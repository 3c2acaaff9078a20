import type { DriveNode } from "@bouquet/contract/drive.ts";
import { GridList, GridListItem, Link } from "react-aria-components";
import { useSession } from "../../api/session.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { formatBytes, formatShortDate } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { cx } from "../../ui/cx.ts";
import { FileGlyph } from "../../ui/file-glyph.tsx";
import { isPage } from "../../ui/previewed.ts";
import { Thumbnail } from "../../ui/thumbnail.tsx";
import { addressOf } from "../drive-context.ts";
import { previewSrc } from "../preview-src.ts";
import { Box, MenuTrigger, type NodeListProps, notDragged } from "./node-table.tsx";

/** Folders as short tiles, then files as previews. */
export function NodeGrid({ label, nodes, selection, onSelectionChange, onOpen, onMenu, dragAndDrop }: NodeListProps) {
  const firstFile = nodes.findIndex((node) => node.kind === "file");
  return (
    <GridList
      className="tiles"
      aria-label={label}
      layout="grid"
      items={nodes.map((node, at) => ({ id: node.id, node, isFirstFile: at === firstFile }))}
      dependencies={[onMenu]}
      selectionMode="multiple"
      selectionBehavior="replace"
      selectedKeys={selection}
      onSelectionChange={onSelectionChange}
      onAction={(key) => {
        const node = nodes.find((each) => each.id === key);
        if (node) onOpen(node);
      }}
      dragAndDropHooks={dragAndDrop}
    >
      {({ node, isFirstFile }) => <Tile node={node} isFirstFile={isFirstFile} onMenu={onMenu} />}
    </GridList>
  );
}

function Tile({
  node,
  isFirstFile,
  onMenu,
}: { node: DriveNode; isFirstFile: boolean } & Pick<NodeListProps, "onMenu">) {
  const t = useDriveText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const isFolder = node.kind === "folder";
  const glyph = <FileGlyph mediaType={node.contentType} name={node.name} kind={isFolder ? "dir" : undefined} />;
  return (
    <GridListItem
      id={node.id}
      textValue={node.name}
      className={cx("tile", isFolder ? "dir" : "file", isFirstFile && "first-file")}
    >
      {!isFolder && (
        <Thumbnail className={cx("th", isPage(node) && "page")} src={previewSrc(node, "large")}>
          {glyph}
        </Thumbnail>
      )}
      <span className="tile-foot">
        {isFolder && glyph}
        <span className="grow">
          <Link className="clip" href={addressOf(node)} ref={notDragged}>
            {node.name}
          </Link>
          <span className="small muted clip">
            {formatShortDate(node.modifiedAt, { language, timeZone })} · {formatBytes(language, node.size)}
            {node.linkCount > 0 && ` · ${t.linkCount(node.linkCount)}`}
          </span>
        </span>
        <Box />
        <MenuTrigger node={node} onMenu={onMenu} />
      </span>
    </GridListItem>
  );
}
