import type { Reader } from "../../store/database.ts";
import { type FolderOrder, type PageEnd, readFolderPage } from "../../store/drive/read-folder-page.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import { type Crumb, type DriveAccess, type DriveNode, toCrumb, toDriveNode } from "./model.ts";
import { reachFolder } from "./reach-node.ts";
import { viewNode } from "./read-node.ts";

export interface ListFolderOptions extends Partial<FolderOrder> {
  /** `next` of the page before. */
  after?: string;
  /** 1 to 1000. */
  limit?: number;
  /** What the caller has: when it still holds, nothing more is read. */
  unless?: string;
}

export interface FolderListing {
  folder: DriveNode;
  path: Crumb[];
  nodes: DriveNode[];
  next: string | null;
  /** Moves when anything in the folder, beneath it or on the way to it changes. Not for other folders. */
  state: string;
}

/**
 * One page of a folder: folders first, names in French order.
 * @returns undefined when the state is the one given as `unless`
 * @throws DomainError `not_found`, `conflict` (`not_a_folder`), `invalid` for a page mark that is not ours
 */
export async function listFolder(
  reader: Reader,
  access: DriveAccess,
  folderId: string,
  options: ListFolderOptions = {},
): Promise<FolderListing | undefined> {
  const { node, chain } = await reachFolder(reader, access, folderId);
  const newest = chain.reduce((highest, row) => Math.max(highest, row.modseq), node.tree_modseq);
  const state = `${node.file_id}-${chain[0]!.file_id}-${newest}`;
  if (options.unless === state) return undefined;
  const order: FolderOrder = { sort: options.sort ?? "name", direction: options.direction ?? "asc" };
  const limit = Math.min(1_000, Math.max(1, Math.trunc(options.limit ?? 200)));
  const after = options.after === undefined ? undefined : decodeMark(options.after, order);
  const folder = { organizationId: access.organizationId, folderId: node.id };
  const [rows, view] = await Promise.all([
    readFolderPage(reader, folder, order, after, limit + 1),
    viewNode(reader, access.organizationId, node.id),
  ]);
  const last = rows[limit - 1];
  return {
    folder: view,
    path: chain.map(toCrumb),
    nodes: rows.slice(0, limit).map(toDriveNode),
    next:
      rows.length > limit && last
        ? encodeMark({ isFile: last.kind === "file", key: last.sort_key, id: last.id }, order)
        : null,
    state,
  };
}

function encodeMark(end: PageEnd, order: FolderOrder): string {
  return Buffer.from(JSON.stringify([order.sort, order.direction, end.isFile, end.key, end.id])).toString("base64url");
}

function decodeMark(text: string, order: FolderOrder): PageEnd {
  const parts: unknown = parseJson(Buffer.from(text, "base64url").toString());
  if (Array.isArray(parts)) {
    const [sort, direction, isFile, key, id] = parts;
    if (sort === order.sort && direction === order.direction && typeof isFile === "boolean" && isUuid(id)) {
      if (typeof key === "string" && isKeyOf(order.sort, key)) return { isFile, key, id };
    }
  }
  throw new DomainError("invalid", "This is not the mark of a page of this list", { data: { field: "/after" } });
}

function isKeyOf(sort: FolderOrder["sort"], key: string): boolean {
  return sort === "name" ? !key.includes("\0") : /^-?\d{1,18}$/.test(key);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
