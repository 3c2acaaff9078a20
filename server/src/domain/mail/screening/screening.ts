/** What was found out about a received message before it was taken. Plain JSON: the row of a large group's delivery keeps it. */
export interface Screening {
  readonly authenticity: AuthenticityFindings;
  readonly remoteAddress: string;
  /** Names of the DNS lists that name the client's address. */
  readonly listHits: readonly string[];
  /** What rspamd said, when one is configured and answered. */
  readonly rspamd?: RspamdFindings;
  /** The name of the virus that the scanner found. */
  readonly virus?: string;
}

/** Results in the words of RFC 8601. */
export interface AuthenticityFindings {
  readonly spf: string;
  /** The domain that SPF passed for. */
  readonly spfDomain?: string;
  /** One result for each signature. */
  readonly dkim: readonly string[];
  /** Domains whose signatures passed. */
  readonly dkimDomains: readonly string[];
  readonly dmarc: string;
  /** What the domain of From asks for this message, `pct`, `sp` and `t` applied. */
  readonly dmarcPolicy?: "none" | "quarantine" | "reject";
  readonly arc: string;
  /** The seals of a chain that holds, the newest first; none when it does not. */
  readonly arcSeals: readonly ArcSeal[];
  /** The address of the From field when there is one only, in lower case, and its domain. */
  readonly from?: string;
  readonly fromDomain?: string;
  /** SPF or DKIM passed for a domain aligned with From. */
  readonly isAligned: boolean;
}

/** One hop of an ARC chain (RFC 8617). */
export interface ArcSeal {
  readonly domain: string;
  /** What the sealer says: that the author's domain was authenticated when the message reached it. */
  readonly passed: boolean;
}

export interface RspamdFindings {
  readonly action: string;
  readonly score: number;
  readonly requiredScore: number;
  readonly symbols: readonly string[];
}
