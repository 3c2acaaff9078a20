import type { Client } from "./client.ts";
import type { SmtpRefusal } from "./reply.ts";
import type { Envelope, EnvelopeRecipient } from "./session.ts";
import { translateError } from "./translate-error.ts";

/** Translates what was thrown and tells it for the message trace. @returns what to answer */
export function tellRefused(
  { session, service, log }: Client,
  thrown: unknown,
  envelope: Envelope,
  recipients: readonly EnvelopeRecipient[],
  size: number = envelope.parameters.size ?? 0,
): SmtpRefusal {
  const refusal = translateError(thrown, log);
  service.refused?.({ session, refusal, sender: envelope.sender, recipients, size });
  return refusal;
}
