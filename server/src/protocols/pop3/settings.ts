export interface Pop3Settings {
  /** Passwords in clear from this machine's own programs, without TLS. */
  readonly allowPlainAuthOnLoopback: boolean;
  /** Connections that one person may hold at once. */
  readonly maxConnectionsPerPerson: number;
  /** Time to sign in, in milliseconds. */
  readonly loginTimeoutMs: number;
  /** RFC 1939 section 3 asks for 10 minutes at least. */
  readonly silenceTimeoutMs: number;
  /** Where a program without an access token finds how to get one (OpenID Connect Discovery). */
  readonly discovery?: string;
}

export const defaultPop3Settings: Pop3Settings = {
  allowPlainAuthOnLoopback: true,
  maxConnectionsPerPerson: 20,
  loginTimeoutMs: 60_000,
  silenceTimeoutMs: 11 * 60_000,
};
