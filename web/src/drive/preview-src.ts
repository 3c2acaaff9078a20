import type { DriveNode } from "@bouquet/contract/drive.ts";
import { hasPicture } from "../ui/previewed.ts";

/** Where the server has a picture of a file, if it can be drawn. @returns undefined for what has none */
export function previewSrc(node: DriveNode, variant: "small_square" | "large"): string | undefined {
  if (node.versionId === null || !hasPicture(node, variant === "large" ? "large" : "small")) return undefined;
  return `/api/drive/files/${node.id}/preview?${new URLSearchParams({ variant, version: node.versionId })}`;
}
