/** Why the store could not do what was asked, apart from bugs. `full`: no space left; `unavailable`: no answer for now. */
export type StoreErrorKind = "full" | "unavailable" | "newer_schema";

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

const serialization = new Set(["40001", "40P01"]);

/** Whether PostgreSQL ended a transaction for its order only (serialization failure, deadlock): it may be tried again. */
export function isSerializationFailure(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && serialization.has(code);
}

const unstorable = new Set(["22021", "22P05"]);

/** Whether PostgreSQL refused a text for its NUL, which it cannot hold (character_not_in_repertoire, untranslatable_character). */
export function isUnstorableText(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && unstorable.has(code);
}

const full = new Set(["53100", "ENOSPC", "EDQUOT"]);
const unavailable = new Set(
  "08000 08001 08003 08004 08006 53300 53400 57P01 57P02 57P03 57P05 58000 58030 25006 ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT 57014 55P03".split(
    " ",
  ),
);

/** The Unix socket of a server that does not run is no file any more. */
function isSocketGone(error: Error & { code?: unknown; syscall?: unknown }): boolean {
  return error.code === "ENOENT" && error.syscall === "connect";
}

/**
 * Turns a driver or file system error into a StoreError when it tells of the machine rather than of a bug;
 * anything else is returned as it is. Codes: PostgreSQL appendix A, errno(3).
 */
export function asStoreError(error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && full.has(code)) return new StoreError("full", "No space left", { cause: error });
  if (
    (typeof code === "string" && unavailable.has(code)) ||
    isSocketGone(error) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    )
  ) {
    return new StoreError("unavailable", "The database does not answer", { cause: error });
  }
  return error;
}
