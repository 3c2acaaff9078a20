import { findPlaceByFileId, mountPlace, type Place } from "../../../domain/drive/drive-place.ts";
import type { OpenedDrive } from "../../../domain/drive/open-drive.ts";
import type { Viewer } from "../../../domain/identity/viewer.ts";
import type { ShareLink } from "../../../domain/sharing/model.ts";
import type { Share } from "../../../domain/sharing/share.ts";
import { permissionSum } from "../../dav/files/permission-letters.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";
import { writeShareEnd } from "./share-end.ts";
import { bitsOfRights } from "./share-permissions.ts";

export const shareType = { user: 0, group: 1, link: 3, mail: 4 } as const;

/** What descriptions of shares are made with. */
export interface Describing {
  readonly deps: NextcloudDeps;
  readonly viewer: Viewer;
  readonly drive: OpenedDrive;
  readonly timeZone: string;
  readonly mayHavePreview: (contentType: string) => boolean;
}

/** One share as the client API tells it: every member that Nextcloud 31 has. */
export async function describeShare(by: Describing, share: Share): Promise<Record<string, unknown>> {
  const { viewer, drive } = by;
  const mount = drive.mounts.find((each) => each.kind === "share" && each.target.id === share.node.id);
  const isReceived = mount?.shareNumber === share.number && share.createdBy?.principalId !== viewer.principalId;
  const isGroup = share.grantee.kind === "group";
  const { grantee } = share;
  return {
    id: String(share.number),
    share_type: isGroup ? shareType.group : shareType.user,
    uid_owner: share.createdBy?.uid ?? share.owner.uid,
    displayname_owner: share.createdBy?.displayName ?? share.owner.displayName,
    permissions: bitsOfRights(share.rights),
    can_edit: !isReceived,
    can_delete: true,
    stime: seconds(share.createdAt),
    parent: null,
    expiration: writeShareEnd(share.expiresAt, by.timeZone),
    token: null,
    ...(await describeNode(by, share.node, share.owner, isReceived ? mount : undefined)),
    note: share.note ?? "",
    label: "",
    share_with: grantee.uid,
    share_with_displayname: grantee.displayName,
    ...(!isGroup && { share_with_displayname_unique: grantee.address ?? grantee.uid }),
    mail_send: 0,
    hide_download: 0,
    attributes: null,
  };
}

/** A link, or one that was mailed to somebody. */
export async function describeLink(by: Describing, link: ShareLink): Promise<Record<string, unknown>> {
  const isMailed = link.recipient !== null;
  const word = by.viewer.language === "fr" ? "Lien partagé" : "Shared link";
  const password = link.hasPassword ? "***" : null;
  const owner = await ownerOf(by, link);
  return {
    id: String(link.number),
    share_type: isMailed ? shareType.mail : shareType.link,
    uid_owner: link.createdByUid ?? owner.uid,
    displayname_owner: link.createdBy ?? owner.displayName,
    permissions: bitsOfRights(link.rights),
    can_edit: true,
    can_delete: true,
    stime: seconds(link.createdAt),
    parent: null,
    expiration: writeShareEnd(link.expiresAt, by.timeZone),
    token: link.token,
    ...(await describeNode(by, link.node, owner)),
    note: link.note ?? "",
    label: link.label ?? "",
    share_with: isMailed ? link.recipient : password,
    share_with_displayname: isMailed ? link.recipient : `(${word})`,
    password,
    send_password_by_talk: false,
    ...(link.token !== null && { url: `${by.deps.settings.origins.drive}/s/${link.token}` }),
    mail_send: isMailed ? 1 : 0,
    hide_download: link.mayDownload ? 0 : 1,
    attributes: null,
  };
}

type Owner = { readonly uid: string; readonly displayName: string };

/** Who owns the space of a link, as far as the viewer's drive tells it. */
async function ownerOf({ viewer, drive }: Describing, link: ShareLink): Promise<Owner> {
  if (link.node.accountId === drive.own.accountId) return viewer;
  return drive.mounts.find((mount) => mount.access.accountId === link.node.accountId)?.owner ?? viewer;
}

async function describeNode(
  by: Describing,
  node: { id: string; fileId: number; parentFileId: number | null; name: string; kind: "folder" | "file" },
  owner: Owner,
  mount?: OpenedDrive["mounts"][number],
): Promise<Record<string, unknown>> {
  const place = mount ? mountPlace(mount) : await findPlaceByFileId(by.deps.store.read, by.drive, node.fileId);
  const row = place?.node;
  const isFolder = node.kind === "folder";
  return {
    uid_file_owner: owner.uid,
    displayname_file_owner: owner.displayName,
    path: place ? `/${place.names.join("/")}` : `/${node.name}`,
    item_type: node.kind,
    item_permissions: place ? permissionSum(place) : 1,
    "is-mount-root": place?.isMountPoint ?? false,
    "mount-type": mountType(place),
    mimetype: isFolder ? "httpd/unix-directory" : (row?.content_type ?? "application/octet-stream"),
    has_preview: !isFolder && row !== undefined && by.mayHavePreview(row.content_type),
    storage_id: place?.mount ? `shared::/${place.mount.names.join("/")}` : `home::${owner.uid}`,
    storage: place?.mount ? place.mount.target.file_id : by.drive.root.file_id,
    item_source: node.fileId,
    file_source: node.fileId,
    file_parent: (place?.isMountPoint ? undefined : node.parentFileId) ?? by.drive.root.file_id,
    file_target: mount ? `/${mount.names.join("/")}` : `/${node.name}`,
    item_size: row?.tree_bytes ?? 0,
    item_mtime: row ? seconds(row.modified_at) : 0,
  };
}

function mountType(place: Place | undefined): string {
  if (!place?.mount) return "";
  return place.mount.kind === "share" ? "shared" : "group";
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1_000);
}
