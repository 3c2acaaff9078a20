import type { Blobs } from "../../store/blobs/blobs.ts";
import type { Store } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import type { NodeView } from "../../store/drive/node-view.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import type { Right } from "../access/account-access.ts";
import type { BrakeLimits } from "./brake/brake-limits.ts";

export interface DriveDeps {
  readonly store: Store;
  readonly blobs: Blobs;
  /** The usual ones when absent. */
  readonly brake?: BrakeLimits | undefined;
  /** How far back a folder can be rolled: 14 when absent. */
  readonly recoveryDays?: number | undefined;
}

/** The proof of a right on a drive: an `AccountAccess`, or what a share or a link gives, which ends at one node. */
export interface DriveAccess extends AccountKey {
  readonly rights: ReadonlySet<Right>;
  /** Nobody for a link. */
  readonly viewer?: { readonly organizationId: string; readonly principalId: string } | undefined;
  /** Nothing outside of this node exists. */
  readonly subtreeId?: string;
  readonly actor?: DriveActor | undefined;
}

/** By what somebody came: what the history tells, and what the brake may pause. */
export interface DriveActor {
  /** An app password. */
  readonly device?: { readonly organizationId: string; readonly id: string; readonly name: string } | undefined;
  readonly link?: { readonly id: string; readonly visitorName?: string | undefined } | undefined;
  /** Of the locks that the client says to hold (RFC 4918 section 10.4.1). */
  readonly lockTokens?: ReadonlySet<string> | undefined;
}

/** What to do when the name is taken; `replace` keeps what it replaces recoverable. */
export type OnConflict = "fail" | "replace" | "rename";

/** Where a node is moved or copied. */
export interface Transfer {
  /** The folder it goes to. */
  parentId: string;
  /** Its own name when absent. */
  name?: string | undefined;
  /** `replace` puts what has the name in the trash. */
  onConflict?: OnConflict | undefined;
}

export interface Copy extends Transfer {
  /** A folder alone, with its properties and without what it holds. */
  isShallow?: boolean | undefined;
}

export interface DriveNode {
  id: string;
  /** Global number: oc:fileid. */
  fileId: number;
  organizationId: string;
  accountId: string;
  /** Null for a root and for what was removed. */
  parentId: string | null;
  /** NFC; empty for a root. */
  name: string;
  kind: "folder" | "file";
  /** Bytes; of a folder, all live bytes beneath it. */
  size: number;
  /** Null for a file. */
  childCount: number | null;
  contentType: string;
  /** Null for a folder. */
  versionId: string | null;
  modifiedAt: Date;
  modifiedBy: string | null;
  createdAt: Date;
  linkCount: number;
  createdModseq: number;
  modseq: number;
  treeModseq: number;
}

export function toDriveNode(row: NodeView): DriveNode {
  return {
    id: row.id,
    fileId: row.file_id,
    organizationId: row.organization_id,
    accountId: row.account_id,
    parentId: row.parent_id,
    name: row.name,
    kind: row.kind,
    size: row.tree_bytes,
    childCount: row.child_count,
    contentType: row.content_type,
    versionId: row.version_id,
    modifiedAt: row.modified_at,
    modifiedBy: row.modified_by_name,
    createdAt: row.created_at,
    linkCount: row.link_count,
    createdModseq: row.created_modseq,
    modseq: row.modseq,
    treeModseq: row.tree_modseq,
  };
}

export interface Crumb {
  id: string;
  name: string;
}

export function toCrumb(row: NodeRow): Crumb {
  return { id: row.id, name: row.name };
}
