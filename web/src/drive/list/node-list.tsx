import type { DriveNode, Permissions } from "@bouquet/contract/drive.ts";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useMemo, useState } from "react";
import type { Selection } from "react-aria-components";
import { addressOf, useDrive } from "../drive-context.ts";
import type { Sort } from "../drive-queries.ts";
import { useNodeActions } from "../use-node-actions.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { NodeGrid } from "./node-grid.tsx";
import { NodeMenu, type OpenedMenu } from "./node-menu.tsx";
import { NodeTable } from "./node-table.tsx";
import { useNodeDrag } from "./use-node-drag.ts";

interface Props {
  readonly label: string;
  readonly nodes: readonly DriveNode[];
  readonly permissions: Permissions;
  readonly view: "list" | "grid";
  readonly selection: Selection;
  readonly onSelectionChange: (selection: Selection) => void;
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  readonly whereOf?: (node: DriveNode) => ReactNode;
  readonly onDetails?: (node: DriveNode) => void;
  /** Under the list: the next page. */
  readonly children?: ReactNode;
}

/** Nodes of the selection that are still there. */
export function chosenOf(nodes: readonly DriveNode[], selection: Selection): readonly DriveNode[] {
  return selection === "all" ? nodes : nodes.filter((node) => selection.has(node.id));
}

/** Nodes as a table or tiles, with all that one can do to them: menu, keys, drag, bar of the selection. */
export function NodeList({ nodes, permissions, view, selection, onSelectionChange, onDetails, ...props }: Props) {
  const { open, go } = useDrive();
  const { trash } = useNodeActions();
  const [menu, setMenu] = useState<OpenedMenu | null>(null);
  const chosen = useMemo(() => chosenOf(nodes, selection), [nodes, selection]);
  const dragAndDrop = useNodeDrag(nodes, permissions.canWrite && permissions.canDelete);

  const nodeAt = (element: EventTarget): DriveNode | undefined => {
    const key = (element as Element).closest("[data-key]")?.getAttribute("data-key");
    return nodes.find((node) => node.id === key);
  };
  /** What an action is about: the chosen ones when it starts from one of them. */
  const subjectsOf = (element: EventTarget): readonly DriveNode[] => {
    const node = nodeAt(element);
    if (!node) return chosen;
    return chosen.includes(node) ? chosen : [node];
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const subjects = subjectsOf(event.target);
    const [one, ...others] = subjects;
    if (!one || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "F2" && others.length === 0 && permissions.canWrite) open({ kind: "rename", node: one });
    else if (event.key === "Delete" && permissions.canDelete) void trash(subjects);
    else if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
      setMenu({ nodes: subjects, anchor: (event.target as Element).getBoundingClientRect() });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onContextMenu = (event: MouseEvent) => {
    const node = nodeAt(event.target);
    if (!node) return;
    event.preventDefault();
    const subjects = subjectsOf(event.target);
    if (!chosen.includes(node)) onSelectionChange(new Set([node.id]));
    setMenu({ nodes: subjects, anchor: { left: event.clientX, bottom: event.clientY } });
  };
  const list = {
    label: props.label,
    nodes,
    selection,
    onSelectionChange,
    onOpen: (node: DriveNode) => go(addressOf(node)),
    onMenu: (node: DriveNode, anchor: DOMRect) => setMenu({ nodes: [node], anchor }),
    dragAndDrop,
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys and menu of the grid inside, which has the roles */}
      <div className="tw" onKeyDownCapture={onKeyDown} onContextMenu={onContextMenu}>
        {view === "grid" ? (
          <NodeGrid {...list} />
        ) : (
          <NodeTable {...list} sort={props.sort} onSort={props.onSort} whereOf={props.whereOf} />
        )}
        {props.children}
      </div>
      <BulkBar nodes={chosen} permissions={permissions} onClear={() => onSelectionChange(new Set())} />
      {menu && <NodeMenu menu={menu} permissions={permissions} onClose={() => setMenu(null)} onDetails={onDetails} />}
    </>
  );
}
