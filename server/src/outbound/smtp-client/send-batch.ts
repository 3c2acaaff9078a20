import { Readable } from "node:stream";
import type { OutboundMail, OutboundRecipient, RecipientResult } from "../../domain/mail/submission/mail-transport.ts";
import { toSevenBit } from "../../formats/mime/to-seven-bit.ts";
import type { OpenConnection } from "./open-connection.ts";
import { type Failure, readFailure, statusOf } from "./read-reply.ts";

export interface Sent {
  readonly results: RecipientResult[];
  /** The connection is of no more use. */
  readonly broken?: Failure;
  /** All bytes had left when the connection was lost: whether the server took the message is not known. */
  readonly isUncertain: boolean;
}

export const connectionLost = "4.4.2";

/** Sends one message on one connection, one transaction for each set of recipients with the same DSN wishes. */
export async function sendAll(connection: OpenConnection, host: string, mail: OutboundMail): Promise<Sent> {
  const results: RecipientResult[] = [];
  let broken: Failure | undefined;
  let isUncertain = false;
  const refusal = findRefusal(connection, mail);
  if (refusal) return { results: mail.recipients.map((each) => resultOf(each, refusal, host)), isUncertain };
  connection.setSmtpUtf8((mail.isSmtpUtf8 ?? false) && connection.extensions.has("SMTPUTF8"));
  for (const batch of batches(mail.recipients)) {
    if (broken) {
      results.push(...batch.map((recipient) => resultOf(recipient, broken!, host)));
      continue;
    }
    const sent = await sendBatch(connection, host, mail, batch);
    results.push(...sent.results);
    broken = sent.broken;
    isUncertain ||= sent.isUncertain;
  }
  return { results, isUncertain, ...(broken && { broken }) };
}

/** What the server cannot carry is not sent to it. */
function findRefusal({ extensions, isEncrypted }: OpenConnection, mail: OutboundMail): Failure | undefined {
  const isInternational = [mail.returnPath, ...mail.recipients.map((each) => each.address)].some((address) =>
    /[^\p{ASCII}]/u.test(address),
  );
  // RFC 6531 section 3.2. A header alone with raw UTF-8 goes as it is, as it came to us.
  if (isInternational && !extensions.has("SMTPUTF8")) {
    const reply = "The other server takes no addresses with letters beyond ASCII (SMTPUTF8)";
    return { isPermanent: true, status: "5.6.7", reply };
  }
  if (mail.requiresTls && !(isEncrypted && extensions.has("REQUIRETLS"))) {
    return {
      isPermanent: true,
      status: "5.7.30",
      reply: "The other server does not promise TLS to the end (REQUIRETLS)",
    };
  }
  return undefined;
}

async function sendBatch(
  connection: OpenConnection,
  host: string,
  mail: OutboundMail,
  batch: readonly OutboundRecipient[],
): Promise<Sent> {
  const { smtp, extensions } = connection;
  const prepended = Buffer.from(mail.prependedHeaders, "utf8");
  const { notify, orcpt } = batch[0]!;
  // RFC 6152 section 3: what is 8bit is converted for a server that takes 7bit only; our DKIM signature does not outlive it.
  const isConverted = mail.isEightBit && !extensions.has("8BITMIME");
  const wantsDsn = notify !== null || orcpt !== null || mail.dsn.ret !== null || mail.dsn.envid !== null;
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  // close() forgets the message under way without a word to its callback.
  const ended = (): void => lost.reject(Object.assign(new Error("The connection closed"), { code: "ECONNECTION" }));
  smtp.once("error", lost.reject);
  smtp.once("end", ended);
  let isRead = false;
  try {
    const sending = new Promise<{ rejectedErrors?: unknown[] | undefined; response: string }>((resolve, reject) => {
      smtp.send(
        {
          from: mail.returnPath,
          to: batch.map((recipient) => recipient.address),
          // Not known when the message is converted on the way.
          ...(isConverted ? {} : { size: prepended.length + mail.message.size }),
          use8BitMime: mail.isEightBit,
          ...(mail.requiresTls && { requireTLSExtensionEnabled: true }),
          ...(wantsDsn && {
            dsn: { ret: mail.dsn.ret, envid: mail.dsn.envid, notify: notify ? [...notify] : null, orcpt },
          }),
        },
        messageStream(prepended, mail, isConverted, () => {
          isRead = true;
        }),
        (error, sent) => (error ? reject(error) : resolve(sent as { response: string })),
      );
    });
    const info = await Promise.race([sending, lost.promise]);
    const refused = refusals(info.rejectedErrors);
    const accepted: Failure = { isPermanent: false, status: statusOf(info.response) ?? "2.0.0", reply: info.response };
    return {
      isUncertain: false,
      results: batch.map((recipient) => {
        const failure = refused.get(recipient.address);
        if (failure) return resultOf(recipient, failure, host);
        return {
          ...resultOf(recipient, accepted, host),
          outcome: "sent",
          relayedWithDsn: extensions.has("DSN") && wantsDsn,
        };
      }),
    };
  } catch (error) {
    const refused = refusals((error as { rejectedErrors?: unknown[] }).rejectedErrors);
    const failure = readFailure(error);
    return {
      isUncertain: isRead && failure.status === connectionLost,
      results: batch.map((recipient) => resultOf(recipient, refused.get(recipient.address) ?? failure, host)),
      broken: temporary(failure),
    };
  } finally {
    smtp.off("error", lost.reject);
    smtp.off("end", ended);
  }
}

function messageStream(prepended: Buffer, mail: OutboundMail, isConverted: boolean, onEnd: () => void): Readable {
  async function* whole(): AsyncGenerator<Buffer> {
    if (prepended.length > 0) yield prepended;
    yield* mail.message.open();
  }
  return Readable.from(
    (async function* () {
      yield* isConverted ? toSevenBit(whole()) : whole();
      onEnd();
    })(),
    { objectMode: false },
  );
}

function batches(recipients: readonly OutboundRecipient[]): OutboundRecipient[][] {
  const groups = new Map<string, OutboundRecipient[]>();
  for (const recipient of recipients) {
    // ORCPT is one recipient's own.
    const key = recipient.orcpt === null ? (recipient.notify?.join() ?? "") : recipient.id;
    groups.set(key, [...(groups.get(key) ?? []), recipient]);
  }
  return [...groups.values()];
}

function refusals(errors: unknown[] | undefined): Map<string, Failure> {
  const found = new Map<string, Failure>();
  for (const error of errors ?? []) {
    const { recipient } = error as { recipient?: string };
    if (recipient !== undefined) found.set(recipient, readFailure(error));
  }
  return found;
}

/** What one server says of itself must not fail the message for good. */
export function temporary(failure: Failure): Failure {
  if (!failure.isPermanent) return failure;
  return { ...failure, isPermanent: false, status: failure.status.replace(/^5/, "4") };
}

export function resultOf(recipient: OutboundRecipient, failure: Failure, remoteHost: string | null): RecipientResult {
  return {
    recipientId: recipient.id,
    outcome: failure.isPermanent ? "failed" : "retry",
    status: failure.status,
    reply: failure.reply,
    remoteHost,
    relayedWithDsn: false,
  };
}
