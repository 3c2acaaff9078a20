/** What a client sent is not a message of its SASL mechanism. */
export class BadSaslMessage extends Error {
  override readonly name = "BadSaslMessage";
}

export interface PlainMessage {
  /** The identity to act as; empty for one's own. */
  readonly authorizationId: string;
  readonly name: string;
  readonly password: string;
}

/**
 * Reads the message of SASL PLAIN (RFC 4616 section 2). An empty name or password is left to be refused as a wrong one.
 * @throws BadSaslMessage
 */
export function readPlainMessage(message: Buffer): PlainMessage {
  const [authorizationId, name, password, ...more] = message.toString("utf8").split("\0");
  if (authorizationId === undefined || name === undefined || password === undefined || more.length > 0) {
    throw new BadSaslMessage("The credentials are not those of SASL PLAIN");
  }
  return { authorizationId, name, password };
}

/**
 * Decodes what stands for bytes in AUTH and AUTHENTICATE; `=` alone is the empty message (RFC 4954 section 4, RFC 4959 section 3).
 * @throws BadSaslMessage
 */
export function decodeSaslBase64(text: string): Buffer {
  if (text === "=") return Buffer.alloc(0);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new BadSaslMessage("This is not Base64");
  }
  return Buffer.from(text, "base64");
}
