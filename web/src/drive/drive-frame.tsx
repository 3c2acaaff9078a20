import "./drive.css";
import "./list/list.css";
import "./details-panel.css";
import "./dialogs/dialogs.css";
import "./uploads/tray.css";
import type { DriveNode } from "@bouquet/contract/drive.ts";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useDriveText } from "../i18n/drive.ts";
import { Workspace } from "../ui/app-shell.tsx";
import { IconButton } from "../ui/button.tsx";
import { SearchField } from "../ui/field.tsx";
import { NameDialog } from "./dialogs/name-dialog.tsx";
import { PlaceDialog } from "./dialogs/place-dialog.tsx";
import { ShareDialog } from "./dialogs/share-dialog.tsx";
import { DriveContext, type DriveDialog, type OpenFolder } from "./drive-context.ts";
import { AddMenu, DriveNav } from "./drive-nav.tsx";
import { GoBackDialog } from "./recovery/go-back-dialog.tsx";
import { MuchDialog } from "./recovery/much-dialog.tsx";
import { SearchResults } from "./search-results.tsx";
import { readChosen } from "./uploads/read-dropped.ts";
import { UploadQueue } from "./uploads/upload-queue.ts";
import { UploadTray } from "./uploads/upload-tray.tsx";

/** What every page of the drive stands in: search, navigation, dialogs, and the tray of uploads. */
export function DriveFrame({ children }: { children: ReactNode }) {
  const t = useDriveText();
  const router = useRouter();
  const queries = useQueryClient();
  const [what, setWhat] = useState("");
  const [dialog, setDialog] = useState<DriveDialog | null>(null);
  const [openFolder, setOpenFolder] = useState<OpenFolder | null>(null);
  const dragged = useRef<readonly DriveNode[]>([]);
  const [queue] = useState(
    () => new UploadQueue(() => void queries.invalidateQueries({ queryKey: ["files"] }, { cancelRefetch: false })),
  );
  const fileInput = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);
  const target = useRef("");

  // A search ends when one goes somewhere, be it to the folder that is open beneath it.
  useEffect(() => router.subscribe("onBeforeNavigate", () => setWhat("")), [router]);

  const choose = useCallback((folderId: string, kind: "files" | "folder") => {
    target.current = folderId;
    (kind === "files" ? fileInput : folderInput).current?.click();
  }, []);
  const drive = useMemo(
    () => ({
      open: setDialog,
      go: (path: string) => router.history.push(path),
      upload: (folderId: string, dropped: Parameters<UploadQueue["add"]>[1]) => queue.add(folderId, dropped),
      choose,
      openFolder,
      setOpenFolder,
      dragged,
    }),
    [router, queue, choose, openFolder],
  );
  const chosen = (input: HTMLInputElement) => {
    if (input.files && input.files.length > 0) queue.add(target.current, readChosen(input.files));
    input.value = "";
  };
  const close = () => setDialog(null);
  const isSearching = what.trim() !== "";

  return (
    <DriveContext value={drive}>
      <Workspace
        head={<SearchField label={t.search} value={what} onChange={setWhat} />}
        actions={
          <span className="add-short">
            <AddMenu trigger={<IconButton variant="soft" label={t.add} icon={Plus} />} />
          </span>
        }
        nav={<DriveNav />}
        navLabel={t.spaces}
      >
        {isSearching ? <SearchResults what={what.trim()} /> : children}
        <div className="dock">
          <UploadTray queue={queue} />
        </div>
      </Workspace>
      <input
        ref={fileInput}
        type="file"
        multiple
        hidden
        data-choose="files"
        onChange={(event) => chosen(event.currentTarget)}
      />
      <input
        ref={(input) => {
          folderInput.current = input;
          // Not an attribute that React's types know.
          input?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        multiple
        hidden
        data-choose="folder"
        onChange={(event) => chosen(event.currentTarget)}
      />
      {dialog?.kind === "new-folder" && <NameDialog parentId={dialog.parentId} onClose={close} />}
      {dialog?.kind === "rename" && <NameDialog node={dialog.node} onClose={close} />}
      {dialog?.kind === "place" && <PlaceDialog mode={dialog.mode} nodes={dialog.nodes} onClose={close} />}
      {dialog?.kind === "go-back" && <GoBackDialog folder={dialog.folder} onClose={close} />}
      {dialog?.kind === "much" && <MuchDialog {...dialog} onClose={close} />}
      {dialog?.kind === "share" && <ShareDialog node={dialog.node} onClose={close} />}
    </DriveContext>
  );
}
