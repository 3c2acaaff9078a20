import type * as Api from "@bouquet/contract/drive.ts";
import type { Space } from "../../../domain/drive/list-spaces.ts";
import type { TrashedNode } from "../../../domain/drive/list-trash.ts";
import type { DriveAccess, DriveNode } from "../../../domain/drive/model.ts";
import type { Sharee } from "../../../domain/sharing/find-sharees.ts";
import type { ShareLink } from "../../../domain/sharing/model.ts";
import type { Share } from "../../../domain/sharing/share.ts";

export function toApiNode(node: DriveNode): Api.DriveNode {
  return {
    id: node.id,
    parentId: node.parentId,
    accountId: node.accountId,
    name: node.name,
    kind: node.kind,
    size: node.size,
    childCount: node.childCount,
    contentType: node.contentType,
    versionId: node.versionId,
    modifiedAt: node.modifiedAt.toISOString(),
    modifiedBy: node.modifiedBy,
    createdAt: node.createdAt.toISOString(),
    linkCount: node.linkCount,
  };
}

export function toApiPermissions({ rights }: Pick<DriveAccess, "rights">): Api.Permissions {
  return {
    canWrite: rights.has("write"),
    canCreate: rights.has("create"),
    canDelete: rights.has("delete"),
    canShare: rights.has("share"),
  };
}

export function toApiSpace({ access, rootId, usage }: Space): Api.Space {
  return {
    accountId: access.accountId,
    rootId,
    name: access.ownerName,
    ownerKind: access.ownerKind,
    isOwn: access.isOwn,
    permissions: toApiPermissions(access),
    usage,
  };
}

/** @param origin of the drive, without a slash */
export function toApiLink(link: ShareLink, origin: string): Api.ShareLink {
  return {
    id: link.id,
    url: link.token === null ? null : `${origin}/s/${link.token}`,
    node: toApiThing(link.node),
    rights: [...link.rights],
    mayDownload: link.mayDownload,
    downloadLimit: link.downloadLimit,
    downloadCount: link.downloadCount,
    label: link.label,
    note: link.note,
    recipient: link.recipient,
    hasPassword: link.hasPassword,
    expiresAt: link.expiresAt?.toISOString() ?? null,
    createdAt: link.createdAt.toISOString(),
    createdBy: link.createdBy,
    state: link.state,
    openedCount: link.openedCount,
    lastOpenedAt: link.lastOpenedAt?.toISOString() ?? null,
  };
}

function toApiThing({ id, name, kind, accountId }: ShareLink["node"] | Share["node"]): Api.ShareLink["node"] {
  return { id, name, kind, accountId };
}

export function toApiSharee(sharee: Sharee): Api.Sharee {
  const { uid, displayName, kind, address, organization, isElsewhere } = sharee;
  return { uid, name: displayName, kind, address, organization: isElsewhere ? organization : null };
}

/** @param organizationId the viewer's */
export function toApiShare(share: Share, organizationId: string): Api.NodeShare {
  const { grantee } = share;
  return {
    number: share.number,
    node: toApiThing(share.node),
    with: {
      uid: grantee.uid,
      name: grantee.displayName,
      kind: grantee.kind === "group" ? "group" : "person",
      address: grantee.address,
      organization: grantee.organizationId === organizationId ? null : grantee.organization,
    },
    rights: [...share.rights].filter((right) => shareRights.has(right)) as Api.ShareRight[],
    owner: share.owner.displayName,
    createdBy: share.createdBy?.displayName ?? null,
    createdAt: share.createdAt.toISOString(),
    expiresAt: share.expiresAt?.toISOString() ?? null,
    note: share.note,
  };
}

const shareRights: ReadonlySet<string> = new Set(["read", "write", "create", "delete", "share"]);

export function toApiTrashed(trashed: TrashedNode): Api.TrashedNode {
  return {
    node: toApiNode(trashed.node),
    removedAt: trashed.removedAt.toISOString(),
    removedBy: trashed.removedBy,
    from: `/${trashed.from.join("/")}`,
  };
}
