import type { ListenPlace } from "../../net/listen-error.ts";
import { startListener } from "../../net/listener.ts";
import { formatReply } from "./reply.ts";
import { serveClient } from "./serve-client.ts";
import type { SmtpService } from "./service.ts";
import { defaultLimits, type SmtpLimits, type SmtpOptions, type SmtpServer } from "./smtp-options.ts";

export interface StartOptions extends SmtpOptions {
  /** In a sentence to the operator, such as "SMTP". */
  readonly name: string;
  readonly listen: ListenPlace;
  readonly implicitTls: boolean;
  readonly service: SmtpService;
}

/**
 * Listens and speaks SMTP with whoever comes.
 * @throws ListenError
 */
export async function startSmtpServer(options: StartOptions): Promise<SmtpServer> {
  const { hostName, messageSizeLimit, log, metrics, service } = options;
  const limits: SmtpLimits = { ...defaultLimits, ...options.limits };
  const context = { hostName, messageSizeLimit, limits, log, metrics, service };
  return startListener({
    name: options.name,
    listen: options.listen,
    tls: options.tls,
    implicitTls: options.implicitTls,
    log,
    maxConnections: limits.maxConnections,
    maxPerNetwork: limits.maxPerNetwork,
    ...(options.proxies && { proxies: options.proxies }),
    refusal: formatReply(421, "4.7.0", [`${hostName} Too many connections, try again later`]),
    onConnection: (connection) => serveClient(connection, context),
  });
}
