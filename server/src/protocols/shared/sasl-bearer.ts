import { BadSaslMessage } from "./sasl-plain.ts";

export interface BearerMessage {
  /** Whom the client wants to be; empty when the token alone says it. */
  readonly user: string;
  readonly token: string;
}

export type BearerMechanism = "OAUTHBEARER" | "XOAUTH2";

/**
 * Reads the first message of OAUTHBEARER (RFC 7628 section 3.1) or XOAUTH2 (Google's and Microsoft's older form). The token is for
 * `authenticateBearer` of the domain. When that refuses it: answer `bearerError` as a challenge in Base64, wait for one line of the
 * client whatever it says (`AQ==`, or an empty one), then refuse the command.
 * @throws BadSaslMessage
 */
export function readBearerMessage(mechanism: BearerMechanism, message: Buffer): BearerMessage {
  const text = message.toString("utf8");
  const [head = "", ...rest] = text.split("\u0001");
  // Both end with two separators: an empty pair and an empty remainder.
  if (rest.length < 3 && mechanism === "OAUTHBEARER") throw malformed(mechanism);
  if (!text.endsWith("\u0001\u0001")) throw malformed(mechanism);
  const pairs = new Map<string, string>();
  for (const pair of mechanism === "XOAUTH2" ? [head, ...rest] : rest) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    if (equals < 1) throw malformed(mechanism);
    pairs.set(pair.slice(0, equals).toLowerCase(), pair.slice(equals + 1));
  }
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(pairs.get("auth") ?? "")?.[1];
  if (token === undefined) throw malformed(mechanism);
  if (mechanism === "XOAUTH2") {
    const user = pairs.get("user");
    if (!user) throw malformed(mechanism);
    return { user, token };
  }
  return { user: readGs2Header(head), token };
}

/** `n,a=user,` (RFC 5801 section 4): no channel binding, and perhaps whom to act as. */
function readGs2Header(text: string): string {
  const match = /^[ny],(?:a=([^,]*))?,$/.exec(text);
  if (!match) throw malformed("OAUTHBEARER");
  const name = match[1] ?? "";
  if (/=(?!2C|3D)/.test(name)) throw malformed("OAUTHBEARER");
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

function malformed(mechanism: BearerMechanism): BadSaslMessage {
  return new BadSaslMessage(`The message is not one of ${mechanism}`);
}

/**
 * Why a token was refused, as the challenge that both mechanisms have for it (RFC 7628 section 3.2.2); not yet in Base64.
 * @param discovery the address of the provider's configuration: a client that has no valid token finds there how to get one
 */
export function bearerError(mechanism: BearerMechanism, scope: string, discovery: string | undefined): string {
  return JSON.stringify({
    status: mechanism === "XOAUTH2" ? "401" : "invalid_token",
    ...(mechanism === "XOAUTH2" && { schemes: "bearer" }),
    scope,
    ...(discovery !== undefined && { "openid-configuration": discovery }),
  });
}
