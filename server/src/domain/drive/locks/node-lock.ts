import type { LockRow } from "../../../store/drive/read-locks.ts";
import type { DriveAccess } from "../model.ts";

/** A lock in force (RFC 4918 section 6), or one that a person set by hand. */
export interface NodeLock {
  /** Of the node that was asked about, and how many levels above it the lock stands. */
  askedId: string;
  distance: number;
  nodeId: string;
  fileId: number;
  /** A URI. */
  token: string;
  /** `dav`: by a program, which must show its token; `user`: by a person, for all but themselves; `app`: by an editor. */
  kind: "dav" | "user" | "app";
  scope: "exclusive" | "shared";
  /** Also of all that is beneath. */
  isDeep: boolean;
  /** XML that the client gave. */
  ownerXml: string | undefined;
  holder: { organizationId: string; principalId: string; uid: string; displayName: string };
  createdAt: Date;
  /** Null: until it is taken away. */
  expiresAt: Date | null;
}

export function toNodeLock(row: LockRow): NodeLock {
  return {
    askedId: row.asked_id,
    distance: row.distance,
    nodeId: row.node_id,
    fileId: row.file_id,
    token: row.token,
    kind: row.kind,
    scope: row.scope,
    isDeep: row.is_deep,
    ownerXml: row.owner_xml ?? undefined,
    holder: {
      organizationId: row.principal_organization_id,
      principalId: row.principal_id,
      uid: row.holder_uid,
      displayName: row.holder_name,
    },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

export function isHolder(access: Pick<DriveAccess, "viewer">, lock: Pick<NodeLock, "holder">): boolean {
  return (
    access.viewer?.principalId === lock.holder.principalId &&
    access.viewer.organizationId === lock.holder.organizationId
  );
}

/** A person passes their own lock; a program shows the token of its own, which is worth nothing to somebody else. */
export function passes(access: Pick<DriveAccess, "viewer" | "actor">, lock: NodeLock): boolean {
  if (!isHolder(access, lock)) return false;
  return lock.kind === "user" || access.actor?.lockTokens?.has(lock.token) === true;
}
