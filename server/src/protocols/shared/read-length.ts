import type { IncomingMessage } from "node:http";
import { DomainError } from "../../domain/errors.ts";

/**
 * How long a body is said to be, in bytes.
 * @returns undefined when it comes in chunks
 * @throws DomainError `invalid` for another transfer encoding
 */
export function readLength(request: Pick<IncomingMessage, "headers">): number | undefined {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (length !== undefined) return Number(length);
  // Neither: no body at all (RFC 9112 section 6.3), an empty file.
  if (encoding === undefined) return 0;
  if (encoding.toLowerCase() !== "chunked") throw new DomainError("invalid", "This transfer encoding is unknown");
  return undefined;
}
