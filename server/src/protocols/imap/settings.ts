export interface ImapSettings {
  /** Passwords in clear from this machine's own programs, without TLS. */
  readonly allowPlainAuthOnLoopback: boolean;
  /** Largest message that APPEND takes, in bytes. */
  readonly maxMessageBytes: number;
  /** Connections that one person may hold at once: each device takes several. */
  readonly maxConnectionsPerPerson: number;
  /** Time to sign in, in milliseconds. */
  readonly loginTimeoutMs: number;
  /** RFC 9051 section 5.4 asks for 30 minutes at least. */
  readonly silenceTimeoutMs: number;
  /** How often a client in IDLE gets a line, so that routers between do not forget the connection. */
  readonly idleKeepaliveMs: number;
  /** How often a client is told that its command still runs (RFC 9585). */
  readonly progressIntervalMs: number;
  /** Address of the OpenID provider's configuration, told to clients whose token is refused. */
  readonly discovery?: string | undefined;
  /** LITERAL- instead of LITERAL+: no more than 4096 bytes are sent without having been asked for (RFC 7888). */
  readonly literalMinus: boolean;
}

export const defaultImapSettings: ImapSettings = {
  allowPlainAuthOnLoopback: true,
  maxMessageBytes: 50 * 1024 * 1024,
  maxConnectionsPerPerson: 60,
  loginTimeoutMs: 60_000,
  silenceTimeoutMs: 31 * 60_000,
  idleKeepaliveMs: 2 * 60_000,
  progressIntervalMs: 10_000,
  literalMinus: false,
};
