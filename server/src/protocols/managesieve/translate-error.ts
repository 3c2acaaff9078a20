import { type ErrorCode, toDomainError } from "../../domain/errors.ts";
import { Refusal } from "./refusal.ts";

/** Response codes (RFC 5804 section 1.3) of the domain's codes; null: none says it. */
const codes: Record<ErrorCode, string | null> = {
  invalid: null,
  unauthenticated: null,
  wrong_credentials: null,
  throttled: "TRYLATER",
  forbidden: null,
  not_found: "NONEXISTENT",
  already_exists: "ALREADYEXISTS",
  conflict: "ACTIVE",
  state_mismatch: "TRYLATER",
  cannot_calculate_changes: null,
  over_quota: "QUOTA",
  paused: "TRYLATER",
  too_large: "QUOTA/MAXSIZE",
  weak_password: null,
  expired: null,
  unknown_recipient: null,
  sender_not_allowed: null,
  message_refused: null,
  sending_limited: null,
  locked: "TRYLATER",
  storage_full: "TRYLATER",
  unavailable: "TRYLATER",
};

export interface TranslatedError {
  readonly text: string;
  readonly code: string | undefined;
  /** True for a bug of ours, which must be logged. */
  readonly unexpected: boolean;
}

/** Turns whatever a command threw into its NO; never says more to the client than it may know. */
export function translateError(thrown: unknown): TranslatedError {
  if (thrown instanceof Refusal) return { text: thrown.message, code: thrown.code, unexpected: false };
  const error = toDomainError(thrown);
  if (!error) return { text: "Something went wrong on the server", code: "TRYLATER", unexpected: true };
  const limit = error.code === "over_quota" ? error.data?.limit : undefined;
  const code = typeof limit === "string" ? `QUOTA/${limit}` : codes[error.code];
  return { text: error.message, code: code ?? undefined, unexpected: false };
}
