import { type DragEvent, useState } from "react";
import { useDrive } from "../drive-context.ts";
import { type Place, useNodeActions } from "../use-node-actions.ts";

/** Lets a breadcrumb or a space take what is dragged inside the page: spread the result on its element. */
export function useDropOnPlace(place: Place, canCreate: boolean) {
  const { dragged } = useDrive();
  const { transfer } = useNodeActions();
  const [isOver, setOver] = useState(false);
  const takes = () => canCreate && dragged.current.length > 0 && dragged.current.every((node) => node.id !== place.id);
  return {
    "data-drop-target": isOver || undefined,
    onDragOver: (event: DragEvent) => {
      if (!takes()) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (!takes()) return;
      event.preventDefault();
      const nodes = dragged.current.filter((node) => node.parentId !== place.id);
      if (nodes.length > 0) void transfer("move", nodes, place);
    },
  };
}
