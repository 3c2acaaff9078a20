export interface ManageSieveSettings {
  /** Passwords in clear from this machine's own programs, without TLS. */
  readonly allowPlainAuthOnLoopback: boolean;
  /** Connections that one person may hold at once. */
  readonly maxConnectionsPerPerson: number;
  /** Time to sign in, in milliseconds. */
  readonly loginTimeoutMs: number;
  /** RFC 5804 section 1.2 asks for 30 minutes at least. */
  readonly silenceTimeoutMs: number;
  /** Where a program without an access token finds how to get one (OpenID Connect Discovery). */
  readonly discovery?: string;
}

export const defaultManageSieveSettings: ManageSieveSettings = {
  allowPlainAuthOnLoopback: true,
  maxConnectionsPerPerson: 20,
  loginTimeoutMs: 60_000,
  silenceTimeoutMs: 31 * 60_000,
};
