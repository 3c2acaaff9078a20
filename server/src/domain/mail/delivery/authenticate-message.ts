import type { Readable } from "node:stream";
import { authenticate } from "mailauth";
import { type Resolver, resolveAny } from "../resolver.ts";

export interface MessageOrigin {
  remoteAddress: string;
  helo: string;
  /** The return path; empty for a notification. */
  sender: string;
}

export interface Authenticity {
  spf: string;
  /** One result for each signature; `none` when there is no signature. */
  dkim: string[];
  dmarc: string;
  /** What the domain of From asks for failing messages; recorded only, nothing is refused for it. */
  dmarcPolicy: string | undefined;
  /** The Authentication-Results field (RFC 8601), ended by CRLF. */
  header: string;
}

/** All DNS look-ups of one message share this time. */
export const dnsBudgetMs = 2_000;

/**
 * Checks SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489). Never throws and never lasts: when DNS does not answer, what
 * depends on it is `temperror`.
 * @param authservId our name in Authentication-Results
 */
export async function authenticateMessage(
  resolver: Resolver,
  message: Readable | Buffer,
  origin: MessageOrigin,
  authservId: string,
  budgetMs: number = dnsBudgetMs,
): Promise<Authenticity> {
  const deadline = Promise.withResolvers<never>();
  deadline.promise.catch(() => {});
  const timer = setTimeout(
    () => deadline.reject(Object.assign(new Error("DNS took too long"), { code: "ETIMEOUT" })),
    budgetMs,
  );
  try {
    const result = await authenticate(message, {
      ip: origin.remoteAddress,
      helo: origin.helo,
      sender: origin.sender,
      mta: authservId,
      resolver: (name, type) => Promise.race([resolveAny(resolver, name, type), deadline.promise]) as Promise<string[]>,
      disableArc: true,
      disableBimi: true,
    });
    const header = /^Authentication-Results:[^]*$/m.exec(result.headers)?.[0];
    if (!header) return withoutAnswer(authservId);
    return {
      spf: (result.spf && result.spf.status.result) || "none",
      dkim: result.dkim.results.map((each) => each.status.result),
      dmarc: (result.dmarc && result.dmarc.status.result) || "none",
      dmarcPolicy: (result.dmarc && result.dmarc.policy) || undefined,
      header: `${header.trimEnd().replace(/\r?\n/g, "\r\n")}\r\n`,
    };
  } catch {
    // mailauth turns DNS failures into results; what it throws is about the message itself.
    return withoutAnswer(authservId);
  } finally {
    clearTimeout(timer);
    if (!(message instanceof Uint8Array)) message.destroy();
  }
}

function withoutAnswer(authservId: string): Authenticity {
  return {
    spf: "temperror",
    dkim: ["temperror"],
    dmarc: "temperror",
    dmarcPolicy: undefined,
    header: `Authentication-Results: ${authservId}; spf=temperror; dkim=temperror; dmarc=temperror\r\n`,
  };
}
