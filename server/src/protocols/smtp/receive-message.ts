import { deliverMessage } from "../../domain/mail/delivery/deliver-message.ts";
import type { ResolvedRecipient } from "../../domain/mail/delivery/resolve-recipient.ts";
import { stageIncoming } from "../../domain/mail/delivery/stage-incoming.ts";
import { tellDelivered } from "../../domain/mail/delivery/tell-delivered.ts";
import { screenMessage } from "../../domain/mail/screening/screen-message.ts";
import { stageBytes } from "../../domain/mail/stage-message.ts";
import { isTlsOptional } from "../../domain/mail/submission/prepare-message.ts";
import { withoutForgedFields } from "./filter-header.ts";
import { SmtpRefusal } from "./reply.ts";
import type { Envelope, EnvelopeRecipient, Session } from "./session.ts";
import type { ReceivingOptions } from "./smtp-options.ts";
import { type SpooledMessage, spoolMessage } from "./spool-message.ts";
import { receivedHeader, returnPathHeader } from "./trace-headers.ts";

/** Hops after which a message is taken to turn in a circle (RFC 5321 section 6.3). */
const maxHops = 50;

export interface AcceptedRecipient extends EnvelopeRecipient {
  readonly resolved: ResolvedRecipient;
}

/**
 * Takes one message from another server and delivers it.
 * @returns the text of the 250: everything is committed by then
 * @throws SmtpRefusal, DomainError over_quota and the like
 */
export async function receiveMessage(
  options: ReceivingOptions,
  session: Session,
  envelope: Envelope,
  recipients: readonly AcceptedRecipient[],
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
    return await deliver(options, session, envelope, recipients, spooled);
  } finally {
    await spooled.discard();
    observe({ service: "receiving" });
  }
}

async function deliver(
  options: ReceivingOptions,
  session: Session,
  envelope: Envelope,
  recipients: readonly AcceptedRecipient[],
  spooled: SpooledMessage,
): Promise<string> {
  const { mail, hostName, log } = options;
  const { inspection } = spooled;
  const { remoteAddress, helo } = session;
  const { sender } = envelope;
  const receivedAt = new Date();
  const id = session.transactionId;
  const resolved = recipients.map((each) => each.resolved);
  const screeningDeps = { ...options.screening, ...mail, resolver: options.resolver, hostName };
  const { headers, screening } = await screenMessage(screeningDeps, {
    id,
    remoteAddress,
    helo,
    sender,
    recipients: resolved,
    size: spooled.size,
    bytes: spooled.bytes,
    open: (range) => spooled.open(range),
  });
  const prependedHeaders =
    returnPathHeader(sender) +
    headers +
    receivedHeader({
      helo,
      remoteAddress,
      hostName,
      transmissionType: session.protocolName,
      tlsVersion: session.tlsName,
      id,
      recipient: recipients.length === 1 ? recipients[0]!.address : undefined,
      receivedAt,
    });
  const header = withoutForgedFields(inspection.header, inspection.fields, hostName);
  const { bytes } = spooled;
  const { staged, analyzed } = bytes
    ? await stageBytes(
        mail,
        Buffer.concat([Buffer.from(prependedHeaders, "utf8"), header, bytes.subarray(inspection.header.length)]),
      )
    : await stageIncoming(
        mail,
        (async function* () {
          yield Buffer.from(prependedHeaders, "utf8");
          yield header;
          yield* spooled.open({ start: inspection.header.length, end: spooled.size });
        })(),
      );
  const { isTlsRequired, ret, envid } = envelope.parameters;
  const message = {
    arrival: "received" as const,
    sender,
    staged,
    analyzed,
    receivedAt,
    screening,
    envelope: {
      requiresTls: isTlsRequired,
      isTlsOptional: isTlsOptional(inspection.fields),
      ret,
      envid,
      recipients,
    },
  };
  const { outcomes } = await deliverMessage(mail, { ...message, recipients: resolved });
  await tellDelivered(mail, log, { message, recipients, outcomes, header: inspection.header, envid });
  options.metrics.bytes.add(spooled.size, { service: "receiving" });
  const { spf, dkim, dmarc, dmarcPolicy } = screening.authenticity;
  log.info(
    { id, size: spooled.size, recipients: recipients.length, remoteAddress, spf, dkim, dmarc, dmarcPolicy },
    "delivered a message",
  );
  return `Delivered as ${id}`;
}

/** @throws SmtpRefusal */
export function refuseUnfit({ isTooLarge, inspection }: SpooledMessage): void {
  if (isTooLarge) throw new SmtpRefusal(552, "5.3.4", "The message is too large");
  if (inspection.headerTooLarge) throw new SmtpRefusal(552, "5.3.4", "The header of the message is too large");
  if (inspection.hasBareDotLine) {
    throw new SmtpRefusal(554, "5.5.2", "Lines of the message must end with CR LF (RFC 5321 section 2.3.8)");
  }
  if (inspection.hasNul) throw new SmtpRefusal(554, "5.6.0", "The message holds a NUL byte");
  const hops = inspection.fields.filter((field) => field.key === "received").length;
  if (hops > maxHops) throw new SmtpRefusal(554, "5.4.6", "The message turns in a circle: too many Received fields");
}
