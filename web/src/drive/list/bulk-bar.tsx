import type { DriveNode, Permissions } from "@bouquet/contract/drive.ts";
import { Copy, Download, FolderInput, Link2, Trash2, X } from "lucide-react";
import { Toolbar } from "react-aria-components";
import { useDriveText } from "../../i18n/drive.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { useDrive } from "../drive-context.ts";
import { download } from "../drive-queries.ts";
import { useNodeActions } from "../use-node-actions.ts";

interface Props {
  readonly nodes: readonly DriveNode[];
  readonly permissions: Permissions;
  readonly onClear: () => void;
}

/** Floats over the list while something is chosen. */
export function BulkBar({ nodes, permissions, onClear }: Props) {
  const t = useDriveText();
  const { open } = useDrive();
  const { trash } = useNodeActions();
  const [only, ...others] = nodes;
  if (!only) return null;
  return (
    <Toolbar className="bulk" aria-label={t.bulk}>
      <IconButton size="sm" label={t.clearSelection} icon={X} onPress={onClear} />
      <span className="small strong count">{t.selected(nodes.length)}</span>
      <Button size="sm" variant="ghost" icon={Download} onPress={() => download(nodes)}>
        {t.download}
      </Button>
      {others.length === 0 && permissions.canShare && (
        <Button size="sm" variant="ghost" icon={Link2} onPress={() => open({ kind: "share", node: only })}>
          {t.shareShort}
        </Button>
      )}
      {permissions.canWrite && permissions.canDelete && (
        <Button
          size="sm"
          variant="ghost"
          icon={FolderInput}
          onPress={() => open({ kind: "place", mode: "move", nodes })}
        >
          {t.move}
        </Button>
      )}
      <Button size="sm" variant="ghost" icon={Copy} onPress={() => open({ kind: "place", mode: "copy", nodes })}>
        {t.copy}
      </Button>
      {permissions.canDelete && (
        <Button size="sm" variant="ghost" icon={Trash2} onPress={() => void trash(nodes)}>
          {t.remove}
        </Button>
      )}
    </Toolbar>
  );
}
