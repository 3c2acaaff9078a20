import { type ErrorCode, toDomainError } from "../../../domain/errors.ts";
import { OcsError } from "./ocs-route.ts";

/** What the envelope says of each of the domain's codes; an HTTP status in version 2, but for 997, which is 401. */
const statuses: Record<ErrorCode, number> = {
  invalid: 400,
  unauthenticated: 997,
  wrong_credentials: 997,
  throttled: 429,
  forbidden: 403,
  not_found: 404,
  already_exists: 409,
  conflict: 409,
  state_mismatch: 412,
  cannot_calculate_changes: 409,
  locked: 423,
  paused: 503,
  over_quota: 507,
  too_large: 413,
  weak_password: 400,
  expired: 404,
  unknown_recipient: 404,
  sender_not_allowed: 403,
  message_refused: 403,
  sending_limited: 429,
  storage_full: 507,
  unavailable: 503,
};

/** What Nextcloud says, and no more. */
const sayings: Partial<Record<ErrorCode, string>> = {
  unauthenticated: "Current user is not logged in",
  wrong_credentials: "Unauthorised",
};

export interface OcsFailure {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** @returns undefined for a bug */
export function toOcsFailure(thrown: unknown): OcsFailure | undefined {
  if (thrown instanceof OcsError) return { status: thrown.status, message: thrown.message, headers: {} };
  const error = toDomainError(thrown);
  if (!error) return undefined;
  const wait = error.retryAfterSeconds ?? (error.code === "unavailable" ? 5 : undefined);
  const message = sayings[error.code] ?? error.message;
  return {
    status: statuses[error.code],
    message,
    headers: wait === undefined ? {} : { "retry-after": String(wait) },
  };
}
