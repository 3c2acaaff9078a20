import type { DnsRecord, RecordTypeName } from "../../formats/dns-message/dns-message.ts";

export interface DnsAnswer {
  /** Of the type asked for, at the end of the aliases. Never empty. */
  readonly records: readonly DnsRecord[];
  /** The name asked for, or what its CNAME records lead to. */
  readonly canonicalName: string;
  /** A validating resolver that we trust says that all of it, aliases too, is signed (RFC 4035). */
  readonly isSecure: boolean;
}

/** DNS with what DANE needs to know. */
export interface SecureLookup {
  /** @throws DnsFailure */
  lookup(name: string, type: RecordTypeName): Promise<DnsAnswer>;
}

/** `ENOTFOUND`: no such name; `ENODATA`: no such record; anything else may be better later. */
export type DnsFailureCode =
  | "ENOTFOUND"
  | "ENODATA"
  | "ESERVFAIL"
  | "EREFUSED"
  | "ETIMEOUT"
  | "EBADNAME"
  | "ECONNREFUSED";

export class DnsFailure extends Error {
  override readonly name = "DnsFailure";
  readonly code: DnsFailureCode;
  /** That there is none is signed too. */
  readonly isSecure: boolean;

  constructor(code: DnsFailureCode, question: string, isSecure = false, options?: ErrorOptions) {
    super(`${question}: ${code}`, options);
    this.code = code;
    this.isSecure = isSecure;
  }
}

export function isMissing(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === "ENOTFOUND" || code === "ENODATA";
}
