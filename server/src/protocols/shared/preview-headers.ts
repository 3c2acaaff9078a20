import type { ServerResponse } from "node:http";
import { uploadedContentPolicy } from "./uploaded-content-policy.ts";

/** Sides of the boxes in which pictures are kept, in pixels. */
const smallSide = 256;

export interface WantedPreview {
  /** Of the place where it is shown, in pixels; not positive: any. */
  readonly width: number;
  readonly height: number;
  /** Cut to the form of that place, rather than whole. */
  readonly isCropped: boolean;
  /** It is to fill the place, so that one of its sides may be longer. */
  readonly covers: boolean;
}

/** The picture that is kept and comes next to what is wanted; whoever shows it scales it. */
export function previewVariant({ width, height, isCropped, covers }: WantedPreview) {
  const isBounded = width > 0 && height > 0;
  const side = isBounded ? Math.max(width, height) : Number.POSITIVE_INFINITY;
  const isSquare = isCropped && isBounded && width === height;
  const isSmall = (covers || (isCropped && !isSquare) ? side * 1.5 : side) <= smallSide;
  if (isSquare) return isSmall ? "small_square" : "large_square";
  return isSmall ? "small" : "large";
}

/** A picture changes with its version alone; what may be seen is asked again after a while. */
export function previewHeaders(
  preview: { contentType: string; source: { size: number } },
  { versionId, variant, mayStore }: { versionId: string; variant: string; mayStore: boolean },
) {
  return {
    ...uploadedContentPolicy,
    etag: previewEtag(versionId, variant),
    "cache-control": mayStore ? "private, max-age=3600" : "no-store",
    "content-type": preview.contentType,
    "content-length": preview.source.size,
    "content-disposition": `inline; filename="preview.${preview.contentType === "image/png" ? "png" : "jpg"}"`,
  };
}

export function previewEtag(versionId: string, variant: string): string {
  return `"${versionId}-${variant}"`;
}

/** Whether the one that the client has is still the one (RFC 9110 section 13.1.2). */
export function hasPreview(noneMatch: string | undefined, etag: string): boolean {
  return (noneMatch ?? "").split(",").some((each) => each.trim().replace(/^W\//, "") === etag || each.trim() === "*");
}

/** Of whoever waits for an answer. */
export function signalOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return gone.signal;
}
