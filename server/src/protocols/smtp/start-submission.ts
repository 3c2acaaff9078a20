import type { SmtpServer, SubmissionOptions } from "./smtp-options.ts";
import { startSmtpServer } from "./start-smtp-server.ts";
import { submissionService } from "./submission-service.ts";

/**
 * Takes mail from programs of our users (RFC 6409), with STARTTLS or with TLS from the first byte (RFC 8314).
 * @throws ListenError
 */
export function startSubmission(options: SubmissionOptions): Promise<SmtpServer> {
  const name = options.implicitTls ? "submission (TLS)" : "submission";
  return startSmtpServer({ ...options, name, service: submissionService(options) });
}
