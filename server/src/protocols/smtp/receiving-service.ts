import { admitSender } from "../../domain/mail/delivery/admit-sender.ts";
import { checkRecipientQuota } from "../../domain/mail/delivery/check-recipient-quota.ts";
import { readPostmasterAddress } from "../../domain/mail/delivery/read-postmaster-address.ts";
import { findRecipient, type ResolvedRecipient } from "../../domain/mail/delivery/resolve-recipient.ts";
import { passesGreylist } from "../../domain/mail/limits/greylist.ts";
import { noRates, ReceivingLimits } from "../../domain/mail/limits/receiving-limits.ts";
import { networkOf, networkSet } from "../../net/client-address.ts";
import { receiveMessage } from "./receive-message.ts";
import { goodbye, SmtpRefusal } from "./reply.ts";
import type { SmtpService } from "./service.ts";
import type { EnvelopeRecipient } from "./session.ts";
import type { ReceivingOptions } from "./smtp-options.ts";
import { traceRefusal } from "./trace-refusal.ts";

/** Mail from other servers for our own domains. Nobody signs in here and nothing is relayed. */
export function receivingService(options: ReceivingOptions): SmtpService {
  const { resolver, trace } = options;
  const { store, secrets } = options.mail;
  const limits = new ReceivingLimits(options.rates ?? noRates);
  const isTrusted = networkSet(options.trustedNetworks ?? []);
  const greylist = options.greylist && { ...options.greylist, store, secrets, resolver };
  const resolved = new WeakMap<EnvelopeRecipient, ResolvedRecipient>();

  return {
    kind: "receiving",
    discovery: undefined,
    connect(session) {
      const { remoteAddress } = session;
      if (isTrusted(remoteAddress) || limits.admitConnection(networkOf(remoteAddress))) return;
      throw goodbye("Too many connections in a short time, try again later");
    },
    mechanisms: () => [],
    async authenticate() {
      throw new SmtpRefusal(502, "5.5.1", "Nobody signs in here");
    },
    async mail(session, envelope) {
      if (isTrusted(session.remoteAddress)) return;
      const exceeded = limits.admitMessage(networkOf(session.remoteAddress), envelope.sender);
      if (!exceeded) return;
      const whose = exceeded === "sender" ? "this sender" : "your network";
      throw new SmtpRefusal(450, "4.7.1", `Too many messages from ${whose} in a short time, try again later`);
    },
    async recipient(session, envelope, recipient) {
      const address =
        recipient.address.toLowerCase() === "postmaster" ? await readPostmasterAddress(store.read) : recipient.address;
      const found = address === undefined ? undefined : await findRecipient(store.read, address, secrets);
      if (!found) throw new SmtpRefusal(550, "5.7.1", "This server takes mail for its own domains only");
      await admitSender(store.read, found, envelope.sender);
      await checkRecipientQuota(store.read, found, envelope.parameters.size ?? 0);
      if (!isTrusted(session.remoteAddress)) {
        if (!limits.admitRecipient(found.organizationId)) {
          throw new SmtpRefusal(
            450,
            "4.7.1",
            "Too many messages for this organization in a short time, try again later",
          );
        }
        const attempt = {
          remoteAddress: session.remoteAddress,
          helo: session.helo,
          sender: envelope.sender,
          recipient: found.address,
        };
        if (greylist && !(await passesGreylist(greylist, attempt))) {
          throw new SmtpRefusal(450, "4.7.1", "You are not known here yet, try again in a few minutes");
        }
      }
      resolved.set(recipient, found);
    },
    data(session, envelope, stream, cut) {
      const recipients = envelope.recipients.map((recipient) => ({
        ...recipient,
        resolved: resolved.get(recipient)!,
      }));
      return receiveMessage(options, session, envelope, recipients, stream, cut);
    },
    refused: (what) => traceRefusal(trace, what, "in"),
  };
}
