import type { DriveNode } from "@bouquet/contract/drive.ts";
import { ArrowDown, ArrowUp, EllipsisVertical, Link2 } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  Cell,
  Checkbox,
  Column,
  type DragAndDropHooks,
  Link,
  Row,
  type Selection,
  Table,
  TableBody,
  TableHeader,
} from "react-aria-components";
import { useSession } from "../../api/session.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { formatBytes, formatDateTime, formatShortDate } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { FileGlyph } from "../../ui/file-glyph.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Thumbnail } from "../../ui/thumbnail.tsx";
import { addressOf } from "../drive-context.ts";
import type { Sort } from "../drive-queries.ts";
import { previewSrc } from "../preview-src.ts";

export interface NodeListProps {
  readonly label: string;
  readonly nodes: readonly DriveNode[];
  readonly selection: Selection;
  readonly onSelectionChange: (selection: Selection) => void;
  readonly onOpen: (node: DriveNode) => void;
  /** Opens the menu of actions under its button. */
  readonly onMenu: (node: DriveNode, anchor: DOMRect) => void;
  readonly dragAndDrop?: DragAndDropHooks;
}

interface Props extends NodeListProps {
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  /** Instead of « Partage »: in which folder each one is. */
  readonly whereOf?: (node: DriveNode) => ReactNode;
}

/** The list of a folder. Arrows move, Enter opens, Space chooses, Ctrl+A chooses all, typing goes to a name. */
export function NodeTable({ sort, onSort, whereOf, ...list }: Props) {
  const t = useDriveText();
  return (
    <Table
      className="data nodes"
      aria-label={list.label}
      selectionMode="multiple"
      selectionBehavior="replace"
      selectedKeys={list.selection}
      onSelectionChange={list.onSelectionChange}
      onRowAction={(key) => {
        const node = list.nodes.find((each) => each.id === key);
        if (node) list.onOpen(node);
      }}
      dragAndDropHooks={list.dragAndDrop}
      {...(sort && {
        sortDescriptor: { column: sort.key, direction: sort.direction === "asc" ? "ascending" : "descending" },
        onSortChange: ({ column, direction }) =>
          onSort?.({ key: column as Sort["key"], direction: direction === "ascending" ? "asc" : "desc" }),
      })}
    >
      <TableHeader>
        <Column className="c">
          <Box />
        </Column>
        <SortableColumn id="name" title={t.columnName} isRowHeader isSortable={sort !== undefined} />
        <Column id="about" className="about">
          {whereOf ? t.columnWhere : t.columnShared}
        </Column>
        <SortableColumn id="modified" className="when" title={t.columnModified} isSortable={sort !== undefined} />
        <SortableColumn id="size" className="num size" title={t.columnSize} isSortable={sort !== undefined} />
        <Column className="do">
          <span className="vh">{t.columnActions}</span>
        </Column>
      </TableHeader>
      <TableBody items={list.nodes} dependencies={[whereOf, list.onMenu]}>
        {(node) => <NodeRow node={node} onMenu={list.onMenu} whereOf={whereOf} />}
      </TableBody>
    </Table>
  );
}

interface SortableProps {
  readonly id: string;
  readonly title: string;
  readonly className?: string;
  readonly isRowHeader?: boolean;
  readonly isSortable: boolean;
}

function SortableColumn({ id, title, className, isRowHeader, isSortable }: SortableProps) {
  return (
    <Column id={id} className={className} isRowHeader={isRowHeader} allowsSorting={isSortable}>
      {({ sortDirection }) => (
        <span className="col-title">
          {title}
          {sortDirection && <Icon of={sortDirection === "ascending" ? ArrowUp : ArrowDown} size="sm" />}
        </span>
      )}
    </Column>
  );
}

function NodeRow({ node, onMenu, whereOf }: { node: DriveNode } & Pick<Props, "onMenu" | "whereOf">) {
  const t = useDriveText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const when = formatShortDate(node.modifiedAt, { language, timeZone });
  const size = formatBytes(language, node.size);
  return (
    <Row id={node.id} textValue={node.name}>
      <Cell className="c">
        <Box />
      </Cell>
      <Cell textValue={node.name}>
        <Link className="nm" href={addressOf(node)} ref={notDragged}>
          <Thumbnail src={previewSrc(node, "small_square")}>
            <FileGlyph
              mediaType={node.contentType}
              name={node.name}
              kind={node.kind === "folder" ? "dir" : undefined}
            />
          </Thumbnail>
          <span className="grow">
            <span className="clip">{node.name}</span>
            <span className="sub small muted clip">
              {when} · {size}
            </span>
          </span>
        </Link>
      </Cell>
      <Cell className="about">
        {whereOf ? (
          whereOf(node)
        ) : node.linkCount > 0 ? (
          <span className="row">
            <Icon of={Link2} size="sm" />
            <span className="clip">{t.linkCount(node.linkCount)}</span>
          </span>
        ) : (
          <span aria-hidden="true">–</span>
        )}
      </Cell>
      <Cell className="when">
        <span title={formatDateTime(node.modifiedAt, { language, timeZone })}>{when}</span>
      </Cell>
      <Cell className="num size">{size}</Cell>
      <Cell className="do">
        <MenuTrigger node={node} onMenu={onMenu} />
      </Cell>
    </Row>
  );
}

/** Dragging a name drags its row, not the address. */
export function notDragged(link: HTMLAnchorElement | null): void {
  if (link) link.draggable = false;
}

export function MenuTrigger({ node, onMenu }: { node: DriveNode } & Pick<NodeListProps, "onMenu">) {
  const t = useDriveText();
  return (
    <AriaButton
      className="btn icon ghost sm"
      aria-label={t.actionsOf(node.name)}
      aria-haspopup="menu"
      onPress={(event) => onMenu(node, event.target.getBoundingClientRect())}
    >
      <Icon of={EllipsisVertical} size="sm" />
    </AriaButton>
  );
}

/** The box of a row or a tile; react-aria gives it its name and state. */
export function Box() {
  return (
    <Checkbox slot="selection" className="box">
      <span className="box-in" />
    </Checkbox>
  );
}

/** A link is dragged by itself otherwise, as an address, instead of its row. */
export function notDraggable(link: HTMLAnchorElement | null): void {
  if (link) link.draggable = false;
}
