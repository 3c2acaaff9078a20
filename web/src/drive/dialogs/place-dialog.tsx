import type { DriveNode } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton, type Key, Tree, TreeItem, TreeItemContent } from "react-aria-components";
import { useDriveText } from "../../i18n/drive.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { FileGlyph } from "../../ui/file-glyph.tsx";
import { Icon } from "../../ui/icon.tsx";
import { subfoldersQuery, useSpaces } from "../drive-queries.ts";
import { type Place, useNodeActions } from "../use-node-actions.ts";

interface Props {
  readonly mode: "move" | "copy";
  readonly nodes: readonly DriveNode[];
  readonly onClose: () => void;
}

/** The tree of folders that one may write in; arrows open and close, Enter or a press chooses. */
export function PlaceDialog({ mode, nodes, onClose }: Props) {
  const t = useDriveText();
  const { spaces } = useSpaces();
  const { transfer } = useNodeActions();
  const writable = spaces.filter((space) => space.permissions.canCreate);
  const [place, setPlace] = useState<Place | null>(null);
  const [names] = useState(() => new Map<Key, string>());
  const [expanded, setExpanded] = useState<Set<Key>>(() => new Set(writable[0] ? [writable[0].rootId] : []));
  const excluded = new Set(mode === "move" ? nodes.map((node) => node.id) : []);
  const isUseless = mode === "move" && nodes.every((node) => node.parentId === place?.id);
  const [one, ...others] = nodes;
  const title =
    one && others.length === 0
      ? (mode === "move" ? t.moveTitle : t.copyTitle)(one.name)
      : (mode === "move" ? t.moveMany : t.copyMany)(nodes.length);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onPress={onClose}>{t.cancel}</Button>
          <Button
            variant="primary"
            isDisabled={!place || isUseless}
            onPress={() => {
              if (!place) return;
              void transfer(mode, nodes, place);
              onClose();
            }}
          >
            {place ? (mode === "move" ? t.moveHere : t.copyHere)(place.name) : mode === "move" ? t.move : t.copy}
          </Button>
        </>
      }
    >
      <p className="muted">{t.placeHint}</p>
      <Tree
        className="places"
        aria-label={t.place}
        selectionMode="single"
        selectionBehavior="replace"
        selectedKeys={place ? [place.id] : []}
        onSelectionChange={(keys) => {
          const [id] = keys === "all" ? [] : keys;
          setPlace(id === undefined ? null : { id: String(id), name: names.get(id) ?? "" });
        }}
        expandedKeys={expanded}
        onExpandedChange={(keys) => setExpanded(new Set(keys))}
      >
        {writable.map((space) => (
          <PlaceItem
            key={space.rootId}
            id={space.rootId}
            name={space.isOwn ? t.mine : space.name}
            names={names}
            expanded={expanded}
            excluded={excluded}
          />
        ))}
      </Tree>
    </Dialog>
  );
}

interface ItemProps {
  readonly id: string;
  readonly name: string;
  /** Filled as folders are read, for the button's words. */
  readonly names: Map<Key, string>;
  readonly expanded: Set<Key>;
  readonly excluded: ReadonlySet<string>;
}

function PlaceItem({ id, name, names, expanded, excluded }: ItemProps) {
  const isOpen = expanded.has(id);
  const { data } = useQuery({ ...subfoldersQuery(id), enabled: isOpen });
  const folders = data?.nodes.filter((node) => node.kind === "folder" && !excluded.has(node.id)) ?? [];
  names.set(id, name);
  return (
    <TreeItem id={id} textValue={name} className="place" hasChildItems={!data || folders.length > 0}>
      <TreeItemContent>
        {({ hasChildItems, level }) => (
          <span className="row place-in" style={{ paddingInlineStart: (level - 1) * 20 }}>
            {hasChildItems ? (
              <AriaButton slot="chevron" className="chevron">
                <Icon of={ChevronRight} size="sm" />
              </AriaButton>
            ) : (
              <span className="chevron" />
            )}
            <FileGlyph kind="dir" />
            <span className="clip">{name}</span>
          </span>
        )}
      </TreeItemContent>
      {isOpen &&
        folders.map((folder) => (
          <PlaceItem
            key={folder.id}
            id={folder.id}
            name={folder.name}
            names={names}
            expanded={expanded}
            excluded={excluded}
          />
        ))}
    </TreeItem>
  );
}
