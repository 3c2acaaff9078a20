import type { DriveNode } from "@bouquet/contract/drive.ts";

const picture = /^(image\/(png|jpeg|gif|webp|avif|tiff|heic|heif|svg\+xml)|(video|audio)\/.+)$/;
const page =
  /^(application\/(pdf|json|rtf|msword|vnd\.(ms-(excel|powerpoint)|oasis\.opendocument\.(text|spreadsheet|presentation|graphics)|openxmlformats-officedocument\..+))|text\/(plain|markdown|csv))$/;

/** Its picture is one of a page: it begins at its top. */
export function isPage({ contentType }: DriveNode): boolean {
  return page.test(contentType);
}

/**
 * Where the server has a picture of a file, if it can be drawn. Where it is small, a page says less than its icon.
 * @returns undefined for what has none
 */
export function previewSrc(node: DriveNode, variant: "small_square" | "large"): string | undefined {
  if (node.kind === "folder" || node.size === 0 || node.versionId === null) return undefined;
  if (!picture.test(node.contentType) && !(variant === "large" && page.test(node.contentType))) return undefined;
  return `/api/drive/files/${node.id}/preview?${new URLSearchParams({ variant, version: node.versionId })}`;
}
