import { isIP } from "node:net";
import type { Readable } from "node:stream";
// The package's own entry also loads BIMI, ARC and an HTTP client: 12 MB and half a second.
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { dmarc } from "mailauth/lib/dmarc/index.js";
import { spf } from "mailauth/lib/spf/index.js";
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
    const { sender, remoteAddress } = origin;
    const resolve = (name: string, type: string) =>
      Promise.race([resolveAny(resolver, name, type), deadline.promise]) as Promise<string[]>;
    const helo = origin.helo === "" || isIP(origin.helo) !== 0 ? `[${remoteAddress}]` : origin.helo;
    const [dkim, senderPolicy] = await Promise.all([
      dkimVerify(message, { resolver: resolve, sender }),
      spf({ resolver: resolve, ip: remoteAddress, helo, sender, mta: authservId }),
    ]);
    const passedSpf = senderPolicy && senderPolicy.status.result === "pass" ? [senderPolicy.domain] : [];
    const domainPolicy = await dmarc({
      resolver: resolve,
      headerFrom: dkim.headerFrom,
      fromFields: dkim.fromFields,
      spfDomains: passedSpf,
      dkimDomains: dkim.results.flatMap(({ id, signingDomain, status }) =>
        status.result === "pass" && id !== undefined && signingDomain !== undefined
          ? {
              id,
              domain: signingDomain,
              aligned: status.aligned ?? false,
              ...(status.underSized && { underSized: status.underSized }),
            }
          : [],
      ),
    });
    const findings = [
      ...dkim.results.map((each) => each.info),
      ...(senderPolicy ? [senderPolicy.info] : []),
      ...(domainPolicy ? [domainPolicy.info] : []),
    ].map((finding) => finding.replace(/[\p{Cc}\s]+/gu, " ").slice(0, 900));
    return {
      spf: senderPolicy ? senderPolicy.status.result : "none",
      dkim: dkim.results.map((each) => each.status.result),
      dmarc: domainPolicy ? domainPolicy.status.result : "none",
      dmarcPolicy: domainPolicy ? domainPolicy.policy : undefined,
      header: `Authentication-Results: ${[authservId, ...(findings.length > 0 ? findings : ["none"])].join(";\r\n\t")}\r\n`,
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
