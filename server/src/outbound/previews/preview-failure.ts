import type { PreviewFailureReason } from "../../domain/drive/previews/preview-renderer.ts";

/** The file is to blame, and would be again. */
export class PreviewFailure extends Error {
  override readonly name = "PreviewFailure";
  readonly reason: PreviewFailureReason;
  /** With which the program ended by itself. */
  readonly code: number | undefined;

  constructor(reason: PreviewFailureReason, message: string, code?: number) {
    super(message);
    this.reason = reason;
    this.code = code;
  }
}
