import { type Static, Type } from "typebox";

/**
 * Every code that the JSON API may answer with, on every host. The web app has one sentence per code and
 * language; `message` is a fallback for other programs and is never shown when the code is known.
 */
export const errorCodes = [
  "bad_request",
  "unauthenticated",
  "wrong_credentials",
  "throttled",
  "forbidden",
  "csrf",
  "not_found",
  "conflict",
  "gone",
  "too_large",
  "weak_password",
  "over_quota",
  "storage_full",
  "unavailable",
  "internal",
] as const;

export const ErrorCode = Type.Union(errorCodes.map((code) => Type.Literal(code)));
export type ErrorCode = (typeof errorCodes)[number];

/** HTTP status that goes with each code. Clients decide on `code`; the status serves proxies and other programs. */
export const statusOfErrorCode: Record<ErrorCode, number> = {
  bad_request: 400,
  unauthenticated: 401,
  wrong_credentials: 401,
  throttled: 429,
  forbidden: 403,
  csrf: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  too_large: 413,
  weak_password: 422,
  over_quota: 507,
  storage_full: 507,
  unavailable: 503,
  internal: 500,
};

/** Why a password is refused. One sentence each in the web app. */
export const passwordReasons = [
  "too_short",
  "too_long",
  "too_guessable",
  "common",
  "personal",
  "same_as_current",
] as const;
export const PasswordReason = Type.Union(passwordReasons.map((reason) => Type.Literal(reason)));
export type PasswordReason = (typeof passwordReasons)[number];

/** The body of every answer whose status is 400 or more. */
export const ErrorBody = Type.Object({
  code: ErrorCode,
  /** English or French sentence without secrets, for programs and logs. */
  message: Type.String(),
  /** `bad_request`: the field at fault, as a JSON pointer (`/displayName`). */
  field: Type.Optional(Type.String()),
  /** `wrong_credentials`: tries left before throttling starts; absent when the current password of a signed-in person is wrong. */
  attemptsLeft: Type.Optional(Type.Integer({ minimum: 0 })),
  /** `throttled`, `unavailable`: seconds, at most 900; also sent as Retry-After. */
  retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
  /** `conflict`, `bad_request`, `gone`, `forbidden`: which one, where an area names several (`driveErrorReasons`, `shareGoneReasons`). */
  reason: Type.Optional(Type.String()),
  /** `weak_password`. */
  reasons: Type.Optional(Type.Array(PasswordReason)),
});
export type ErrorBody = Omit<Static<typeof ErrorBody>, "code" | "reasons"> & {
  code: ErrorCode;
  reasons?: PasswordReason[];
};
