import { fileEtag } from "../../../domain/drive/drive-etag.ts";
import type { DriveNode } from "../../../domain/drive/model.ts";
import type { AnswerHeaders } from "../dav-tree.ts";

/** What the client API calls a node: its number in eight digits or more, then the installation. */
export function ocId(fileId: number, instance: string): string {
  return `${String(fileId).padStart(8, "0")}${instance}`;
}

/** Headers of an answer that has written a file or a folder. */
export function writtenHeaders(
  node: { fileId: number; etag: string | undefined },
  instance: string,
  options: { isTimeAccepted?: boolean } = {},
): AnswerHeaders {
  return {
    "oc-fileid": ocId(node.fileId, instance),
    ...(node.etag !== undefined && { etag: node.etag, "oc-etag": node.etag }),
    ...(options.isTimeAccepted && { "x-oc-mtime": "accepted" }),
  };
}

/** The same; a folder's ETag is not told, for it depends on who looks. */
export function headersOfNode(
  { fileId, versionId }: Pick<DriveNode, "fileId" | "versionId">,
  instance: string,
  options: { isTimeAccepted?: boolean } = {},
): AnswerHeaders {
  const etag = versionId === null ? undefined : `"${fileEtag(versionId)}"`;
  return writtenHeaders({ fileId, etag }, instance, options);
}
