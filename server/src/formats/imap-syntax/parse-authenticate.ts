import { BadSyntax } from "./bad-syntax.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";

export interface AuthenticateCommand {
  /** Upper case. */
  readonly mechanism: string;
  /** The initial response of SASL-IR (RFC 4959), decoded; null when the client waits for a challenge. */
  readonly initialResponse: Buffer | null;
}

/**
 * Parses the arguments of AUTHENTICATE.
 * @throws BadSyntax
 */
export function parseAuthenticate(command: RawCommand): AuthenticateCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const mechanism = scanner.atom().toUpperCase();
  if (scanner.atEnd) return { mechanism, initialResponse: null };
  scanner.space();
  const encoded = scanner.atom();
  scanner.end();
  // RFC 4959: "=" is an empty response.
  return { mechanism, initialResponse: encoded === "=" ? Buffer.alloc(0) : decodeBase64(encoded) };
}

/**
 * Decodes a line that answers a SASL challenge; null when the client cancels with `*`.
 * @throws BadSyntax
 */
export function parseSaslResponse(line: string): Buffer | null {
  return line === "*" ? null : decodeBase64(line);
}

function decodeBase64(text: string): Buffer {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new BadSyntax("The response is not base64.");
  return Buffer.from(text, "base64");
}
