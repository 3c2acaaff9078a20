/** What we ask and read; by name, since that is how one speaks of them. */
export const recordTypes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  TLSA: 52,
} as const;

export type RecordTypeName = keyof typeof recordTypes;

/** RFC 6698 section 2.1. */
export interface TlsaData {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Buffer;
}

export interface MxData {
  readonly priority: number;
  /** Empty for the root: a null MX (RFC 7505). */
  readonly exchange: string;
}

export interface SoaData {
  readonly primary: string;
  readonly mailbox: string;
  readonly serial: number;
  readonly minimum: number;
}

export type DnsRecordData =
  | { readonly type: "A" | "AAAA"; readonly address: string }
  | { readonly type: "NS" | "CNAME" | "PTR"; readonly target: string }
  | ({ readonly type: "MX" } & MxData)
  /** The character strings, each byte one latin1 character. */
  | { readonly type: "TXT"; readonly strings: readonly string[] }
  | ({ readonly type: "TLSA" } & TlsaData)
  | ({ readonly type: "SOA" } & SoaData)
  | { readonly type: "other"; readonly code: number; readonly bytes: Buffer };

export type DnsRecord = DnsRecordData & {
  /** Lower-case, without its final dot. */
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
};

export interface DnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  readonly isAuthoritative: boolean;
  /** TC: the rest only over TCP. */
  readonly isTruncated: boolean;
  /** AD: the server says that it validated all of it (RFC 4035 section 3.2.3). */
  readonly isAuthenticated: boolean;
  /** RCODE with the bits of EDNS. */
  readonly responseCode: number;
  /** The name as it was sent, case kept. */
  readonly question: { readonly name: string; readonly type: number } | undefined;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
}

/** The bytes are no DNS message, or one cut short. */
export class DnsFormatError extends Error {
  override readonly name = "DnsFormatError";
}
