import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { Readable } from "node:stream";
// The package's own entry also loads BIMI and an HTTP client: 12 MB and half a second.
import { arc } from "mailauth/lib/arc/index.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { evaluateDmarc } from "mailauth/lib/dmarc/index.js";
import { spf } from "mailauth/lib/spf/index.js";
import { domainOf } from "../domain-of.ts";
import { type Resolver, resolveAny } from "../resolver.ts";
import { sealsOf } from "./read-arc-seals.ts";
import type { AuthenticityFindings } from "./screening.ts";

export interface MessageOrigin {
  remoteAddress: string;
  helo: string;
  /** The return path; empty for a notification. */
  sender: string;
}

export interface Authenticity {
  findings: AuthenticityFindings;
  /** The Authentication-Results field (RFC 8601), ended by CRLF. */
  header: string;
}

/** All DNS look-ups of one message share this time. */
const dnsBudgetMs = 2_000;

/**
 * Checks SPF (RFC 7208), DKIM (RFC 6376, 8301, 8463), ARC (RFC 8617) and DMARC (RFC 9989), each to the letter. Never throws and
 * never lasts: when DNS does not answer, what depends on it is `temperror`.
 * @param authservId our name in Authentication-Results
 * @param budget the time that DNS has in all; one of the caller's own, or a new one
 */
export async function authenticateMessage(
  resolver: Resolver,
  message: Readable | Buffer,
  origin: MessageOrigin,
  authservId: string,
  budget: DnsBudget | number = dnsBudgetMs,
): Promise<Authenticity> {
  const time = typeof budget === "number" ? startDnsBudget(budget) : budget;
  try {
    const { sender, remoteAddress } = origin;
    const resolve = (name: string, type: string) => time.within(resolveAny(resolver, name, type)) as Promise<string[]>;
    const helo = origin.helo === "" || isIP(origin.helo) !== 0 ? `[${remoteAddress}]` : origin.helo;
    const [dkim, senderPolicy] = await Promise.all([
      dkimVerify(message, { resolver: resolve, sender, strict: true }),
      spf({ resolver: resolve, ip: remoteAddress, helo, sender, mta: authservId, strict: true }),
    ]);
    const from = dkim.headerFrom.length === 1 ? dkim.headerFrom[0]!.toLowerCase() : undefined;
    const fromDomain = from === undefined ? undefined : domainOf(from);
    const chain = dkim.arc?.chain || [];
    // Before `arc`, which takes the results out of the chain's last set.
    const seals = sealsOf(chain, fromDomain);
    const sealed = dkim.arc
      ? await arc(dkim.arc as Parameters<typeof arc>[0], { resolver: resolve, strict: true, ip: remoteAddress })
      : undefined;
    const passedSpf = senderPolicy && senderPolicy.status.result === "pass" ? [senderPolicy.domain] : [];
    const passedDkim = dkim.results.flatMap(({ id, signingDomain, status }) =>
      status.result === "pass" && id !== undefined && signingDomain !== undefined
        ? {
            id,
            domain: signingDomain,
            aligned: status.aligned ?? false,
            ...(status.underSized && { underSized: status.underSized }),
          }
        : [],
    );
    const { response: domainPolicy, reason } = await evaluateDmarc({
      resolver: resolve,
      headerFrom: dkim.headerFrom,
      fromFields: dkim.fromFields,
      spfDomains: passedSpf,
      dkimDomains: passedDkim,
      strict: true,
      ...(sealed && { arcResult: sealed }),
    });
    // Whom such a message shows as its author is the reader's program's choice: a way around DMARC (RFC 9989 section 11.5).
    const hasManyAuthors = reason === "multiple-from-fields" || reason === "multiple-author-domains";
    const alignment = domainPolicy ? domainPolicy.alignment : undefined;
    const policy = domainPolicy
      ? sampledPolicy(domainPolicy, `${sender}\n${dkim.results[0]?.bodyHash ?? ""}`)
      : undefined;
    const lines = [
      ...dkim.results.map((each) => each.info),
      ...(senderPolicy ? [senderPolicy.info] : []),
      ...(sealed?.info && sealed.status.result !== "none" ? [sealed.info] : []),
      ...(domainPolicy ? [domainPolicy.info] : []),
      ...(hasManyAuthors ? [`dmarc=permerror (${reason})`] : []),
    ].map((line) => line.replace(/[\p{Cc}\s]+/gu, " ").slice(0, 900));
    return {
      findings: {
        spf: senderPolicy ? senderPolicy.status.result : "none",
        ...(passedSpf[0] !== undefined && { spfDomain: passedSpf[0].toLowerCase() }),
        dkim: dkim.results.map((each) => each.status.result),
        dkimDomains: passedDkim.map((each) => each.domain.toLowerCase()),
        dmarc: domainPolicy ? domainPolicy.status.result : hasManyAuthors ? "permerror" : "none",
        ...(policy && { dmarcPolicy: policy }),
        arc: sealed?.status.result ?? "none",
        arcSeals: sealed?.status.result === "pass" ? seals : [],
        ...(from !== undefined && fromDomain !== undefined && { from, fromDomain }),
        isAligned: alignment
          ? alignment.spf.result !== undefined || alignment.dkim.result !== undefined
          : fromDomain !== undefined &&
            [...passedSpf, ...passedDkim.map((each) => each.domain)].some((each) => each.toLowerCase() === fromDomain),
      },
      header: `Authentication-Results: ${[authservId, ...lines].join(";\r\n\t")}\r\n`,
    };
  } catch {
    // mailauth turns DNS failures into results; what it throws is about the message itself.
    return withoutAnswer(authservId);
  } finally {
    if (typeof budget === "number") time.end();
    if (!(message instanceof Uint8Array)) message.destroy();
  }
}

/** One time limit for many questions. */
export interface DnsBudget {
  /** @throws `code` ETIMEOUT when the time is over */
  within<T>(question: Promise<T>): Promise<T>;
  end(): void;
}

export function startDnsBudget(milliseconds: number = dnsBudgetMs): DnsBudget {
  const deadline = Promise.withResolvers<never>();
  deadline.promise.catch(() => {});
  const timer = setTimeout(
    () => deadline.reject(Object.assign(new Error("DNS took too long"), { code: "ETIMEOUT" })),
    milliseconds,
  );
  return {
    within: (question) => Promise.race([question, deadline.promise]),
    end: () => clearTimeout(timer),
  };
}

type Policy = NonNullable<AuthenticityFindings["dmarcPolicy"]>;

const weaker: Readonly<Record<Policy, Policy>> = { reject: "quarantine", quarantine: "none", none: "none" };

/**
 * The policy for this one message: RFC 9989 has taken `pct` away, but records of RFC 7489 section 6.6.4 still say it and mean that
 * the next weaker policy applies to the others. The same message always falls on the same side.
 */
function sampledPolicy(result: object, key: string): Policy | undefined {
  const { policy, record } = result as { policy?: string; record?: { pct?: unknown; t?: unknown } };
  if (policy !== "reject" && policy !== "quarantine" && policy !== "none") return undefined;
  const pct = record?.pct;
  if (typeof pct !== "number" || pct < 0 || pct >= 100 || record?.t !== undefined) return policy;
  return createHash("sha256").update(key).digest().readUInt16BE() % 100 < pct ? policy : weaker[policy];
}

function withoutAnswer(authservId: string): Authenticity {
  return {
    findings: {
      spf: "temperror",
      dkim: ["temperror"],
      dkimDomains: [],
      dmarc: "temperror",
      arc: "none",
      arcSeals: [],
      isAligned: false,
    },
    header: `Authentication-Results: ${authservId}; spf=temperror; dkim=temperror; dmarc=temperror\r\n`,
  };
}
