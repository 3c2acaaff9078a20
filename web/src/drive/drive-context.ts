import type { DriveNode, NodeKind } from "@bouquet/contract/drive.ts";
import type { Weight } from "@bouquet/contract/drive-recovery.ts";
import { createContext, useContext, useEffect } from "react";
import type { Dropped } from "./uploads/read-dropped.ts";

/** The folder that is open, for « Nouveau » and the search. */
export interface OpenFolder {
  readonly id: string;
  readonly canCreate: boolean;
}

export type DriveDialog =
  | { readonly kind: "new-folder"; readonly parentId: string }
  | { readonly kind: "rename"; readonly node: DriveNode }
  | { readonly kind: "place"; readonly mode: "move" | "copy"; readonly nodes: readonly DriveNode[] }
  | { readonly kind: "go-back"; readonly folder: { readonly id: string; readonly name: string } }
  | {
      readonly kind: "much";
      readonly act: "trash" | "move" | "replace";
      readonly weight: Weight;
      readonly run: () => void;
    }
  | { readonly kind: "share"; readonly node: { readonly id: string; readonly name: string; readonly kind: NodeKind } };

export interface Drive {
  readonly open: (dialog: DriveDialog) => void;
  /** Follows an address of the drive without a reload. */
  readonly go: (path: string) => void;
  readonly upload: (folderId: string, dropped: Dropped) => void;
  /** Opens the browser's own choice of files, or of one folder. */
  readonly choose: (folderId: string, what: "files" | "folder") => void;
  readonly openFolder: OpenFolder | null;
  readonly setOpenFolder: (folder: OpenFolder | null) => void;
  /** What is being dragged inside the page, which a drop target outside of the list cannot know otherwise. */
  readonly dragged: { current: readonly DriveNode[] };
}

export const DriveContext = createContext<Drive | null>(null);

/** Only under `DriveFrame`. */
export function useDrive(): Drive {
  const drive = useContext(DriveContext);
  if (!drive) throw new Error("useDrive is used outside of DriveFrame");
  return drive;
}

/** Tells the frame which folder is open, until the page leaves. */
export function useOpenFolder(id: string | undefined, canCreate: boolean): void {
  const { setOpenFolder } = useDrive();
  useEffect(() => {
    if (id === undefined) return;
    setOpenFolder({ id, canCreate });
    return () => setOpenFolder(null);
  }, [id, canCreate, setOpenFolder]);
}

export function addressOf(node: { readonly id: string; readonly kind: NodeKind }): string {
  return node.kind === "folder" ? `/folder/${node.id}` : `/file/${node.id}`;
}
