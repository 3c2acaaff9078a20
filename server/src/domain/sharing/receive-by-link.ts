import { createFolder } from "../drive/create-folder.ts";
import type { DriveDeps, DriveNode } from "../drive/model.ts";
import { cutName } from "../drive/node-name.ts";
import { readNode } from "../drive/read-node.ts";
import { renameNode } from "../drive/rename-node.ts";
import { trashNode } from "../drive/trash-node.ts";
import { checkUpload, type Upload, uploadFile } from "../drive/upload-file.ts";
import { DomainError } from "../errors.ts";
import { notify } from "../notifications/notify.ts";
import { recordChange, recordVisit } from "./link-visits.ts";
import type { LinkContent } from "./resolve-share-link.ts";

/** True for a link that only receives: whoever has it says their name, and their files go to a folder of that name. */
export function isFileRequest(link: Pick<LinkContent, "access">): boolean {
  return !link.access.rights.has("read");
}

/**
 * A file that an outside person sends by a link: a new one, which never takes the place of another by a file request, or the next
 * version where the link lets them change files. The owner's quota counts it. Its maker is told.
 * @param upload `folderId` is left out for the top of what the link leads to
 * @throws DomainError those of `uploadFile`; `invalid` (`/visitor`) for a file request without a name
 */
export async function receiveByLink(
  deps: DriveDeps,
  link: LinkContent,
  upload: Omit<Upload, "folderId"> & { folderId?: string | undefined },
  source: AsyncIterable<Uint8Array>,
): Promise<{ node: DriveNode; isNew: boolean }> {
  const isRequest = isFileRequest(link);
  if (isRequest && link.visitorName === undefined) {
    throw new DomainError("invalid", "Who sends files says their name", { data: { field: "/visitor" } });
  }
  const into = placeOf(link, upload);
  // Refused before the folder of its sender is made.
  await checkUpload(deps.store.read, link.inside, into);
  const folderId = isRequest ? await folderOfSender(deps, link) : into.folderId;
  const uploaded = await uploadFile(deps, link.inside, { ...into, folderId }, source);
  await deps.store.transact(async (tx) => {
    await recordVisit(tx, link, "uploaded", uploaded.node.id);
    await notify(tx, link.maker, {
      topic: "file_received",
      data: {
        fileId: uploaded.node.fileId,
        name: uploaded.node.name,
        folder: link.node.name,
        sender: link.visitorName ?? "",
      },
    });
  });
  return uploaded;
}

function placeOf(link: LinkContent, upload: Omit<Upload, "folderId"> & { folderId?: string | undefined }): Upload {
  const { node } = link;
  if (isFileRequest(link)) return { ...upload, folderId: node.id, onConflict: "rename" };
  // A file that is shared alone is written where its owner keeps it.
  if (node.kind === "file") return { ...upload, folderId: node.parentId!, name: node.name, onConflict: "replace" };
  return { ...upload, folderId: upload.folderId ?? node.id, onConflict: upload.onConflict ?? "rename" };
}

/** A name may hold what a folder's may not. */
async function folderOfSender(deps: DriveDeps, link: LinkContent): Promise<string> {
  const name = cutName(link.visitorName!.replace(/[/\\]/g, "-").replace(/^\.+/, "").trim() || "—");
  const folder = await createFolder(deps, link.inside, { parentId: link.node.id, name, onConflict: "replace" });
  return folder.id;
}

/** A folder that an outside person makes. @throws DomainError those of `createFolder` */
export async function createFolderByLink(
  deps: DriveDeps,
  link: LinkContent,
  folder: { parentId: string; name: string },
): Promise<DriveNode> {
  const node = await createFolder(deps, link.access, { ...folder, onConflict: "fail" });
  await recordChange(deps, link, node.id);
  return node;
}

/** Another name in the same folder. @throws DomainError those of `renameNode` */
export async function renameByLink(
  deps: DriveDeps,
  link: LinkContent,
  nodeId: string,
  name: string,
): Promise<DriveNode> {
  const node = await renameNode(deps, link.access, nodeId, name);
  await recordChange(deps, link, node.id);
  return node;
}

/** To the trash of the owner, who can take it back. @throws DomainError those of `trashNode` */
export async function trashByLink(deps: DriveDeps, link: LinkContent, nodeId: string): Promise<void> {
  const { node } = await readNode(deps.store.read, link.access, nodeId);
  await trashNode(deps, link.access, node.id);
  await recordChange(deps, link, node.id);
}
