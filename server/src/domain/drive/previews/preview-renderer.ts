import type { ByteSource } from "../../../store/blobs/byte-source.ts";
import type { PreviewKind } from "./preview-kind.ts";

/** Within 256 or 1024 pixels a side; a square shows the middle of the picture. */
export const previewVariants = ["small", "small_square", "large", "large_square"] as const;
export type PreviewVariant = (typeof previewVariants)[number];

export interface PreviewOrder {
  readonly kind: PreviewKind;
  readonly contentType: string;
  readonly source: ByteSource;
  /** The program stops. */
  readonly signal: AbortSignal;
}

export interface RenderedPreview {
  readonly variant: PreviewVariant;
  readonly contentType: "image/jpeg" | "image/png";
  readonly bytes: Buffer;
}

/**
 * Why a file has no picture. `unsuitable`: it is not what it says, or has none; `too_large`: too many pixels; `crashed`, out of memory
 * too; `timeout`.
 */
export type PreviewFailureReason = "unsuitable" | "too_large" | "crashed" | "timeout";

/** Every variant, or why the file has none. */
export type Rendering =
  | { readonly previews: readonly RenderedPreview[] }
  | { readonly failure: PreviewFailureReason; readonly detail: string };

/** Draws files that strangers made, apart from this program. */
export interface PreviewRenderer {
  /** What is installed. */
  draws(kind: PreviewKind): boolean;
  /** @throws what is not the file's fault, such as a full disk */
  render(order: PreviewOrder): Promise<Rendering>;
}
