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
