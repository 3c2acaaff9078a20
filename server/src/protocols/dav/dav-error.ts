import type { AnswerHeaders } from "./dav-tree.ts";

export interface DavErrorOptions {
  /** XML of the precondition that failed (RFC 4918 section 16), such as `<d:propfind-finite-depth/>`. */
  readonly condition?: string;
  /** The request header to blame, as sabre names it. */
  readonly header?: string;
  /** What sabre would call it, when that is not what it calls others of this status. */
  readonly exception?: string;
  readonly headers?: AnswerHeaders;
  readonly cause?: unknown;
}

/** A refusal of the protocol itself. What the domain refuses is translated in `translate-error.ts`. */
export class DavError extends Error {
  override readonly name = "DavError";
  readonly status: number;
  readonly options: DavErrorOptions;

  constructor(status: number, message: string, options: DavErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.options = options;
  }
}
