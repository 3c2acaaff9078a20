import { BadSyntax } from "../../formats/imap-syntax/bad-syntax.ts";

export interface PlainCredentials {
  /** The identity to act as; empty for one's own. */
  readonly authorizationId: string;
  readonly name: string;
  readonly password: string;
}

/**
 * Reads the message of SASL PLAIN (RFC 4616 section 2).
 * @throws BadSyntax
 */
export function parsePlain(message: Buffer): PlainCredentials {
  const [authorizationId, name, password, ...more] = message.toString("utf8").split("\0");
  if (authorizationId === undefined || !name || !password || more.length > 0) {
    throw new BadSyntax("The credentials are not those of SASL PLAIN.");
  }
  return { authorizationId, name, password };
}
