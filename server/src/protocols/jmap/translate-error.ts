import type { MethodError, MethodErrorType, SetError, SetErrorType } from "@bouquet/contract/jmap.ts";
import { type DomainError, type ErrorCode, toDomainError } from "../../domain/errors.ts";
import { MethodFailure, SetFailure } from "./jmap-errors.ts";

/** What each of the domain's codes means for a whole call and for one object of a /set. */
const translations: Record<ErrorCode, { method: MethodErrorType; set: SetErrorType }> = {
  invalid: { method: "invalidArguments", set: "invalidProperties" },
  unauthenticated: { method: "forbidden", set: "forbidden" },
  wrong_credentials: { method: "forbidden", set: "forbidden" },
  throttled: { method: "serverUnavailable", set: "rateLimit" },
  forbidden: { method: "forbidden", set: "forbidden" },
  not_found: { method: "invalidArguments", set: "notFound" },
  already_exists: { method: "invalidArguments", set: "invalidProperties" },
  conflict: { method: "stateMismatch", set: "forbidden" },
  state_mismatch: { method: "stateMismatch", set: "forbidden" },
  cannot_calculate_changes: { method: "cannotCalculateChanges", set: "serverFail" },
  over_quota: { method: "forbidden", set: "overQuota" },
  paused: { method: "serverUnavailable", set: "forbidden" },
  too_large: { method: "requestTooLarge", set: "tooLarge" },
  weak_password: { method: "forbidden", set: "forbidden" },
  expired: { method: "invalidArguments", set: "notFound" },
  unknown_recipient: { method: "invalidArguments", set: "invalidRecipients" },
  sender_not_allowed: { method: "forbidden", set: "forbiddenFrom" },
  message_refused: { method: "forbidden", set: "forbidden" },
  sending_limited: { method: "forbidden", set: "forbiddenToSend" },
  locked: { method: "serverUnavailable", set: "forbidden" },
  storage_full: { method: "serverUnavailable", set: "serverFail" },
  unavailable: { method: "serverUnavailable", set: "serverFail" },
};

/** @returns undefined for a bug: log it and answer `serverFail` */
export function toMethodError(thrown: unknown): MethodError | undefined {
  if (thrown instanceof MethodFailure) return thrown.body;
  const error = toDomainError(thrown);
  return error && { type: translations[error.code].method, description: error.message };
}

/** @returns undefined for a bug: it fails the whole call */
export function toSetError(thrown: unknown): SetError | undefined {
  if (thrown instanceof SetFailure) return thrown.body;
  const error = toDomainError(thrown);
  return error && { type: translations[error.code].set, description: error.message, ...partsOf(error) };
}

function partsOf({ code, data }: DomainError): Partial<SetError> {
  const { addresses, field } = data ?? {};
  if (code === "unknown_recipient" && Array.isArray(addresses)) return { invalidRecipients: addresses as string[] };
  return typeof field === "string" ? { properties: [field] } : {};
}
