import type { TlsaRecord } from "../../formats/tlsa/match-certificates.ts";

/** What TLS must prove before mail is given to a server. */
export type TlsDemand =
  /** TLS when it is offered, whoever answers; plain text otherwise (RFC 7435). */
  | { readonly kind: "opportunistic" }
  /** TLS, whoever answers: TLSA records exist and none is usable (RFC 7672 section 2.2). */
  | { readonly kind: "encrypted"; readonly serverName: string }
  /** TLS with a certificate that TLSA records name. */
  | {
      readonly kind: "dane";
      readonly serverName: string;
      readonly names: readonly string[];
      readonly tlsa: readonly TlsaRecord[];
    }
  /** TLS with a certificate that the usual authorities vouch for, of this name (RFC 8461 section 4.2). */
  | { readonly kind: "authorities"; readonly serverName: string };

/** The server may be the right one, but does not prove it: another time, or not at all. */
export class TlsPolicyFailure extends Error {
  override readonly name = "TlsPolicyFailure";
  readonly code = "ETLS";
}
