import { type ErrorCode, toDomainError } from "../../domain/errors.ts";
import { BadSyntax, UnknownCharset } from "../../formats/imap-syntax/bad-syntax.ts";
import type { Condition } from "../../formats/imap-syntax/write-response.ts";
import { Refusal } from "./refusal.ts";

/** Response codes of RFC 5530 and RFC 9051 section 7.1; null is a NO without a code. */
const RESPONSE_CODES: Record<ErrorCode, string | null> = {
  invalid: "CANNOT",
  unauthenticated: "AUTHORIZATIONFAILED",
  wrong_credentials: "AUTHENTICATIONFAILED",
  throttled: "LIMIT",
  forbidden: "NOPERM",
  not_found: "NONEXISTENT",
  already_exists: "ALREADYEXISTS",
  conflict: "INUSE",
  state_mismatch: null,
  cannot_calculate_changes: null,
  over_quota: "OVERQUOTA",
  paused: "UNAVAILABLE",
  too_large: "TOOBIG",
  weak_password: "CANNOT",
  expired: "EXPIRED",
  unknown_recipient: "NONEXISTENT",
  sender_not_allowed: "NOPERM",
  message_refused: "CANNOT",
  sending_limited: "LIMIT",
  locked: "INUSE",
  storage_full: "UNAVAILABLE",
  unavailable: "UNAVAILABLE",
};

export interface TranslatedError {
  readonly condition: Exclude<Condition, "OK">;
  readonly text: string;
  readonly code: string | undefined;
  /** True for a bug of ours, which must be logged. */
  readonly unexpected: boolean;
}

/** Turns whatever a command threw into its tagged response; never says more to the client than it may know. */
export function translateError(thrown: unknown): TranslatedError {
  if (thrown instanceof BadSyntax) return refused("BAD", thrown.message, undefined);
  if (thrown instanceof UnknownCharset) return refused("NO", thrown.message, "BADCHARSET (US-ASCII UTF-8)");
  if (thrown instanceof Refusal) return refused("NO", thrown.message, thrown.code);
  const error = toDomainError(thrown);
  if (error !== undefined) return refused("NO", error.message, RESPONSE_CODES[error.code] ?? undefined);
  return { condition: "NO", text: "Something went wrong on the server.", code: "SERVERBUG", unexpected: true };
}

function refused(condition: "NO" | "BAD", text: string, code: string | undefined): TranslatedError {
  return { condition, text, code, unexpected: false };
}
