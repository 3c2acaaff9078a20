import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import type { DeliveryDeps } from "../../domain/mail/delivery/delivery-deps.ts";
import type { GreylistDeps } from "../../domain/mail/limits/greylist.ts";
import type { ReceivingRates } from "../../domain/mail/limits/receiving-limits.ts";
import type { Resolver } from "../../domain/mail/resolver.ts";
import type { ScreeningOptions } from "../../domain/mail/screening/screening-deps.ts";
import type { SubmissionDeps } from "../../domain/mail/submission/submit-message.ts";
import type { TraceBuffer } from "../../domain/mail/trace/trace-buffer.ts";
import type { ListenPlace } from "../../net/listen-error.ts";
import type { Tls } from "../../net/tls.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { SmtpMetrics } from "./smtp-metrics.ts";

/** What the three SMTP servers have in common. */
export interface SmtpOptions {
  readonly mail: DeliveryDeps;
  readonly tls: Tls;
  /** The name under which the servers greet, also our name in Authentication-Results. */
  readonly hostName: string;
  /** Bytes. */
  readonly messageSizeLimit: number;
  /** A directory for messages that are being received; files in it have no name and vanish with the program. */
  readonly spoolDirectory: string;
  readonly log: Logger;
  readonly metrics: SmtpMetrics;
  readonly limits?: Partial<SmtpLimits>;
  /** Load balancers that speak the PROXY protocol: addresses or CIDR networks. */
  readonly proxies?: readonly string[];
  readonly trace: TraceBuffer;
}

export interface SmtpLimits {
  readonly maxConnections: number;
  /** For one IPv4 address or IPv6 /64; a whole town hall may stand behind one. */
  readonly maxPerNetwork: number;
  readonly maxRecipients: number;
  /** Refused recipients after which a connection is ended: someone guesses addresses. */
  readonly maxRefusals: number;
  /** Commands that are none, or out of order, after which a connection is ended. */
  readonly maxErrors: number;
  /** Commands that bring no message forward (NOOP, RSET, EHLO…) between two messages. */
  readonly maxIdleCommands: number;
  /** Wrong passwords after which a connection is ended. */
  readonly maxWrongPasswords: number;
  readonly idleTimeoutMs: number;
}

export const defaultLimits: SmtpLimits = {
  maxConnections: 1_000,
  maxPerNetwork: 100,
  maxRecipients: 100,
  maxRefusals: 50,
  maxErrors: 20,
  maxIdleCommands: 200,
  maxWrongPasswords: 5,
  // RFC 5321 section 4.5.3.2.7 asks for five minutes.
  idleTimeoutMs: 300_000,
};

export interface ReceivingOptions extends SmtpOptions {
  readonly listen: ListenPlace;
  readonly resolver: Resolver;
  /** Without: no limit. */
  readonly rates?: ReceivingRates;
  /** Addresses or CIDR networks that no rate and no greylisting applies to. */
  readonly trustedNetworks?: readonly string[];
  /** Without: nobody is greylisted. */
  readonly greylist?: Pick<GreylistDeps, "delaySeconds">;
  readonly screening?: ScreeningOptions;
}

export interface SubmissionOptions extends SmtpOptions {
  readonly mail: SubmissionDeps;
  readonly listen: ListenPlace;
  /** True: TLS from the first byte. */
  readonly implicitTls: boolean;
  readonly allowPlainAuthOnLoopback: boolean;
  readonly identity: IdentityDeps;
  /** Where a program finds how to get a token: the address of the OpenID provider's configuration. */
  readonly discovery?: string;
}

export interface SmtpServer {
  readonly port: number;
  readonly connections: number;
  /** Stops accepting; a command or message under way is answered first, what is left after `deadlineMs` is cut. */
  close(deadlineMs: number): Promise<void>;
}
