import { receivingService } from "./receiving-service.ts";
import type { ReceivingOptions, SmtpServer } from "./smtp-options.ts";
import { startSmtpServer } from "./start-smtp-server.ts";

/**
 * Takes mail from other servers for our own domains (port 25 on the Internet).
 * @throws ListenError
 */
export function startReceiving(options: ReceivingOptions): Promise<SmtpServer> {
  return startSmtpServer({ ...options, name: "SMTP", implicitTls: false, service: receivingService(options) });
}
