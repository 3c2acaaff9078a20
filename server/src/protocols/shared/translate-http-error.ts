import {
  type ErrorCode as ApiCode,
  type ErrorBody,
  type PasswordReason,
  statusOfErrorCode,
} from "@bouquet/contract/errors.ts";
import { type DomainError, type ErrorCode, toDomainError } from "../../domain/errors.ts";
import { CrossSiteError } from "./cross-site-error.ts";

/** What the JSON API calls each of the domain's codes. */
const apiCodes: Record<ErrorCode, ApiCode> = {
  invalid: "bad_request",
  unauthenticated: "unauthenticated",
  wrong_credentials: "wrong_credentials",
  throttled: "throttled",
  forbidden: "forbidden",
  not_found: "not_found",
  already_exists: "conflict",
  conflict: "conflict",
  state_mismatch: "conflict",
  cannot_calculate_changes: "conflict",
  over_quota: "over_quota",
  paused: "unavailable",
  too_large: "too_large",
  weak_password: "weak_password",
  expired: "gone",
  unknown_recipient: "bad_request",
  sender_not_allowed: "forbidden",
  message_refused: "forbidden",
  sending_limited: "throttled",
  locked: "conflict",
  storage_full: "storage_full",
  unavailable: "unavailable",
};

export interface HttpError {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What a client is told of something thrown.
 * @returns undefined for a bug: log it and answer `internalHttpError`
 */
export function toHttpError(thrown: unknown): HttpError | undefined {
  if (thrown instanceof CrossSiteError) return build({ code: "csrf", message: thrown.message });
  const error = toDomainError(thrown);
  if (error) return build({ code: apiCodes[error.code], message: error.message, ...detailsOf(error) });
  return fromFramework(thrown);
}

export const internalHttpError: HttpError = build({ code: "internal", message: "Something went wrong on the server" });

function detailsOf(error: DomainError): Partial<ErrorBody> {
  const { field, reason, attemptsLeft, reasons } = error.data ?? {};
  const wait = error.retryAfterSeconds ?? (error.code === "unavailable" ? 5 : undefined);
  return {
    ...(typeof field === "string" && { field }),
    ...(typeof reason === "string" && { reason }),
    ...(typeof attemptsLeft === "number" && { attemptsLeft }),
    ...(typeof reason === "string" && { reason }),
    ...(Array.isArray(reasons) && { reasons: reasons as PasswordReason[] }),
    ...(wait !== undefined && { retryAfterSeconds: wait }),
  };
}

function build(body: ErrorBody): HttpError {
  return {
    status: statusOfErrorCode[body.code],
    body,
    headers: body.retryAfterSeconds === undefined ? {} : { "retry-after": String(body.retryAfterSeconds) },
  };
}

/** Fastify's own refusals: a body that is no JSON, does not follow the schema, is too large. */
function fromFramework(thrown: unknown): HttpError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { statusCode, validation } = thrown as { statusCode?: unknown; validation?: { instancePath?: string }[] };
  if (validation) {
    const field = validation[0]?.instancePath;
    return build({ code: "bad_request", message: thrown.message, ...(field && { field }) });
  }
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode >= 500) return undefined;
  if (statusCode === 413) return build({ code: "too_large", message: "The request is too large" });
  return build({ code: "bad_request", message: "The request is malformed" });
}
