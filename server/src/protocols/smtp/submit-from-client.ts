import type { Viewer } from "../../domain/identity/viewer.ts";
import { submitMessage } from "../../domain/mail/submission/submit-message.ts";
import { refuseUnfit } from "./receive-message.ts";
import type { Envelope, Session } from "./session.ts";
import type { SubmissionOptions } from "./smtp-options.ts";
import { spoolMessage } from "./spool-message.ts";
import { submissionReceivedHeader } from "./trace-headers.ts";

/**
 * Takes one message from a user's program and sends it. The program files its own copy in Sent.
 * @returns the text of the 250
 * @throws SmtpRefusal, DomainError
 */
export async function submitFromClient(
  options: SubmissionOptions,
  session: Session,
  envelope: Envelope,
  viewer: Viewer,
  stream: AsyncIterable<Buffer>,
  cut: () => void,
): Promise<string> {
  const spooled = await spoolMessage(stream, {
    directory: options.spoolDirectory,
    sizeLimit: options.messageSizeLimit,
    onFlood: cut,
  });
  const observe = options.metrics.seconds.start();
  try {
    refuseUnfit(spooled);
    const id = session.transactionId;
    const { ret, envid, isTlsRequired } = envelope.parameters;
    const { outboundId } = await submitMessage(options.mail, viewer, {
      source: spooled,
      inspection: spooled.inspection,
      returnPath: envelope.sender,
      recipients: envelope.recipients,
      dsn: { ret, envid },
      requiresTls: isTlsRequired,
      trace: submissionReceivedHeader({
        hostName: options.hostName,
        transmissionType: session.protocolName,
        id,
        receivedAt: new Date(),
      }),
    });
    options.metrics.bytes.add(spooled.size, { service: "submission" });
    options.log.info(
      { id, outbound: outboundId, size: spooled.size, recipients: envelope.recipients.length, sender: viewer.uid },
      "took a message to send",
    );
    return `Accepted as ${id}`;
  } finally {
    await spooled.discard();
    observe({ service: "submission" });
  }
}
