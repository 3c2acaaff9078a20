import type { DriveNode } from "@bouquet/contract/drive.ts";
import { useDragAndDrop } from "react-aria-components";
import { useDrive } from "../drive-context.ts";
import { useNodeActions } from "../use-node-actions.ts";

const nodeType = "application/x-bouquet-node";

/** Dragging the chosen rows onto a folder of the list, onto the path or a space. « Déplacer » does the same by keyboard. */
export function useNodeDrag(nodes: readonly DriveNode[], canMove: boolean) {
  const { dragged } = useDrive();
  const { transfer } = useNodeActions();
  const { dragAndDropHooks } = useDragAndDrop({
    isDisabled: !canMove,
    getItems: (keys) => [...keys].map((key) => ({ [nodeType]: String(key) })),
    getAllowedDropOperations: () => ["move"],
    acceptedDragTypes: [nodeType],
    onDragStart: ({ keys }) => {
      dragged.current = nodes.filter((node) => keys.has(node.id));
    },
    onDragEnd: () => {
      dragged.current = [];
    },
    getDropOperation: (target) => {
      if (target.type !== "item" || target.dropPosition !== "on") return "cancel";
      const onto = nodes.find((node) => node.id === target.key);
      return onto?.kind === "folder" && !dragged.current.includes(onto) ? "move" : "cancel";
    },
    onItemDrop: ({ target }) => {
      const onto = nodes.find((node) => node.id === target.key);
      if (onto?.kind === "folder" && dragged.current.length > 0) void transfer("move", dragged.current, onto);
    },
  });
  return dragAndDropHooks;
}
