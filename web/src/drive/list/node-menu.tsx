import type { DriveNode, Permissions } from "@bouquet/contract/drive.ts";
import { Copy, Download, Eye, FolderInput, FolderOpen, History, Info, Link2, Pencil, Trash2 } from "lucide-react";
import { useRef } from "react";
import { Menu, Popover } from "react-aria-components";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveRecoveryText } from "../../i18n/drive-recovery.ts";
import { MenuEntry, MenuLine } from "../../ui/menu.tsx";
import { addressOf, useDrive } from "../drive-context.ts";
import { download } from "../drive-queries.ts";
import { useNodeActions } from "../use-node-actions.ts";

export interface OpenedMenu {
  readonly nodes: readonly DriveNode[];
  /** Of the button, or a point of the pointer. */
  readonly anchor: { readonly left: number; readonly bottom: number };
}

interface Props {
  readonly menu: OpenedMenu;
  readonly permissions: Permissions;
  readonly onClose: () => void;
  readonly onDetails?: (node: DriveNode) => void;
}

/** Actions on one node or on the chosen ones, from « ⋮ », the right button of the mouse, or the menu key. */
export function NodeMenu({ menu, permissions, onClose, onDetails }: Props) {
  const t = useDriveText();
  const recovery = useDriveRecoveryText();
  const anchor = useRef<HTMLSpanElement>(null);
  const { open, go } = useDrive();
  const { trash } = useNodeActions();
  const { nodes } = menu;
  const one = nodes.length === 1 ? nodes[0] : undefined;
  return (
    <>
      <span ref={anchor} className="menu-anchor" style={{ left: menu.anchor.left, top: menu.anchor.bottom }} />
      <Popover
        className="pop"
        triggerRef={anchor}
        isOpen
        onOpenChange={(isOpen) => !isOpen && onClose()}
        placement="bottom start"
        offset={4}
      >
        <Menu className="menu" aria-label={one ? t.actionsOf(one.name) : t.bulk} autoFocus="first" onClose={onClose}>
          {one && (
            <MenuEntry icon={one.kind === "folder" ? FolderOpen : Eye} onAction={() => go(addressOf(one))}>
              {t.open}
            </MenuEntry>
          )}
          <MenuEntry icon={Download} onAction={() => download(nodes)}>
            {one?.kind === "file" ? t.download : t.downloadZip}
          </MenuEntry>
          {one && permissions.canShare && (
            <MenuEntry icon={Link2} onAction={() => open({ kind: "share", node: one })}>
              {t.share}
            </MenuEntry>
          )}
          {one && permissions.canWrite && (
            <MenuEntry icon={Pencil} shortcut="F2" onAction={() => open({ kind: "rename", node: one })}>
              {t.rename}
            </MenuEntry>
          )}
          {permissions.canWrite && permissions.canDelete && (
            <MenuEntry icon={FolderInput} onAction={() => open({ kind: "place", mode: "move", nodes })}>
              {t.move}
            </MenuEntry>
          )}
          <MenuEntry icon={Copy} onAction={() => open({ kind: "place", mode: "copy", nodes })}>
            {t.copy}
          </MenuEntry>
          {one?.kind === "folder" && permissions.canWrite && permissions.canCreate && permissions.canDelete && (
            <MenuEntry icon={History} onAction={() => open({ kind: "go-back", folder: one })}>
              {recovery.goBackShort}
            </MenuEntry>
          )}
          {one && onDetails && (
            <MenuEntry icon={Info} onAction={() => onDetails(one)}>
              {t.details}
            </MenuEntry>
          )}
          {permissions.canDelete && <MenuLine />}
          {permissions.canDelete && (
            <MenuEntry icon={Trash2} isDanger onAction={() => void trash(nodes)}>
              {t.remove}
            </MenuEntry>
          )}
        </Menu>
      </Popover>
    </>
  );
}
