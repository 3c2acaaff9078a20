import { asStoreError, isUnstorableText, StoreError } from "../store/store-error.ts";

/**
 * Every way in which the domain says no. Each protocol translates the list in one table typed `Record<ErrorCode, …>`, so
 * that a new code does not compile until each protocol has decided.
 */
export type ErrorCode =
  | "invalid" // the input breaks a rule that the text names
  | "unauthenticated" // nobody is signed in
  | "wrong_credentials"
  | "throttled" // too many tries; retryAfterSeconds says when
  | "forbidden" // known person, right missing, existence not secret
  | "not_found" // does not exist, or must look so
  | "already_exists"
  | "conflict" // changed meanwhile, or contradicts a state
  | "state_mismatch" // JMAP ifInState, unchangedSince
  | "cannot_calculate_changes" // the token is older than the feed remembers
  | "locked" // somebody holds a lock on it; data.locks says which nodes
  | "over_quota"
  | "paused" // this device changed too much at once, and waits until somebody decides; retryAfterSeconds
  | "too_large"
  | "weak_password"
  | "expired" // a link or token whose time is over
  | "unknown_recipient"
  | "sender_not_allowed"
  | "message_refused" // by a policy, a list or a scanner; data.status is the enhanced code (RFC 3463), the text is for the sender
  | "sending_limited" // sent too much; data.isPaused: until an administrator allows it again
  | "storage_full" // disk
  | "unavailable"; // database or a needed service does not answer; try again

export interface DomainErrorOptions {
  /** For logs only: never sent to a client. */
  detail?: string;
  retryAfterSeconds?: number;
  /** Named parts that a screen needs, e.g. `{ reasons: ["common"] }`. */
  data?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/** `message` is for people, in English; screens translate by `code`. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.data = options.data;
  }
}

/** What a protocol translates when something was thrown: undefined means a bug, to be logged and answered as such. */
export function toDomainError(thrown: unknown): DomainError | undefined {
  if (thrown instanceof DomainError) return thrown;
  if (isUnstorableText(thrown)) return new DomainError("invalid", "This text holds a NUL character", { cause: thrown });
  const error = asStoreError(thrown);
  if (!(error instanceof StoreError)) return undefined;
  return error.kind === "full"
    ? new DomainError("storage_full", "There is no space left on the server", { cause: error })
    : new DomainError("unavailable", "The service is unavailable for a moment", { cause: error });
}
