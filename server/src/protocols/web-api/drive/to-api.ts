import type * as Api from "@bouquet/contract/drive.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import type { Space } from "../../../domain/drive/list-spaces.ts";
import type { TrashedNode } from "../../../domain/drive/list-trash.ts";
import type { DriveNode } from "../../../domain/drive/model.ts";
import type { ShareLink } from "../../../domain/sharing/model.ts";

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

export function toApiPermissions({ rights }: AccountAccess): Api.Permissions {
  return { canWrite: rights.has("write"), canDelete: rights.has("delete"), canShare: rights.has("share") };
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
    node: link.node,
    label: link.label,
    hasPassword: link.hasPassword,
    expiresAt: link.expiresAt?.toISOString() ?? null,
    createdAt: link.createdAt.toISOString(),
    createdBy: link.createdBy,
    state: link.state,
    openedCount: link.openedCount,
    lastOpenedAt: link.lastOpenedAt?.toISOString() ?? null,
  };
}

export function toApiTrashed(trashed: TrashedNode): Api.TrashedNode {
  return {
    node: toApiNode(trashed.node),
    removedAt: trashed.removedAt.toISOString(),
    removedBy: trashed.removedBy,
    from: `/${trashed.from.join("/")}`,
  };
}
