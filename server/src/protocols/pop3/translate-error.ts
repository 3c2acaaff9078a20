import { type ErrorCode, toDomainError } from "../../domain/errors.ts";
import { Refusal } from "./refusal.ts";

/** Extended response codes (RFC 2449 section 8, RFC 3206): whether it is worth to try again, and whether the password is to blame. */
const RESPONSE_CODES: Partial<Record<ErrorCode, string>> = {
  wrong_credentials: "AUTH",
  throttled: "LOGIN-DELAY",
  forbidden: "SYS/PERM",
  locked: "IN-USE",
  storage_full: "SYS/TEMP",
  unavailable: "SYS/TEMP",
};

export interface TranslatedError {
  /** The line, CRLF apart. */
  readonly line: string;
  /** True for a bug of ours, which must be logged. */
  readonly unexpected: boolean;
}

/** Turns whatever a command threw into its answer; never says more to the client than it may know. */
export function translateError(thrown: unknown): TranslatedError {
  if (thrown instanceof Refusal) return { line: err(thrown.message, thrown.code), unexpected: false };
  const error = toDomainError(thrown);
  if (error) return { line: err(error.message, RESPONSE_CODES[error.code]), unexpected: false };
  return { line: err("Something went wrong on the server", "SYS/TEMP"), unexpected: true };
}

function err(text: string, code: string | undefined): string {
  return `-ERR ${code === undefined ? "" : `[${code}] `}${text.replace(/[\r\n]+/g, " ")}`;
}
