import { type DragEvent, useState } from "react";
import { useDrive } from "../drive-context.ts";
import { readDropped } from "../uploads/read-dropped.ts";

export interface FileDrop {
  /** Name of the folder row under the pointer, empty for the open folder, null while nothing is dragged. */
  readonly over: string | null;
  readonly handlers: Record<string, (event: DragEvent<HTMLElement>) => void>;
}

/**
 * Takes files and folders dragged from the computer, into the open folder or the folder whose row is under the pointer
 * (`data-key` of a row, looked up by `folderOf`). Listens while the event goes down, before the list's own drag and drop.
 */
export function useFileDrop(
  folderId: string | undefined,
  canCreate: boolean,
  folderOf: (key: string) => { id: string; name: string } | undefined,
): FileDrop {
  const { upload } = useDrive();
  const [over, setOver] = useState<string | null>(null);
  const isFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const rowOf = (event: DragEvent) => {
    const key = (event.target as Element).closest("[data-key]")?.getAttribute("data-key");
    return key ? folderOf(key) : undefined;
  };
  const take = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
  };
  if (folderId === undefined) return { over: null, handlers: {} };
  return {
    over,
    handlers: {
      onDragEnterCapture: (event) => {
        if (isFiles(event)) take(event);
      },
      onDragOverCapture: (event) => {
        if (!isFiles(event)) return;
        take(event);
        event.dataTransfer.dropEffect = canCreate ? "copy" : "none";
        if (canCreate) setOver(rowOf(event)?.name ?? "");
      },
      onDragLeaveCapture: (event) => {
        const to = event.relatedTarget as Node | null;
        if (!to || !event.currentTarget.contains(to)) setOver(null);
      },
      onDropCapture: (event) => {
        if (!isFiles(event)) return;
        take(event);
        setOver(null);
        const target = rowOf(event)?.id ?? folderId;
        if (canCreate) void readDropped(event.dataTransfer).then((dropped) => upload(target, dropped));
      },
    },
  };
}
