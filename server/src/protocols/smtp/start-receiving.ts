import type { SMTPServerAddress } from "smtp-server";
import { checkRecipientQuota } from "../../domain/mail/delivery/check-recipient-quota.ts";
import { readPostmasterAddress } from "../../domain/mail/delivery/read-postmaster-address.ts";
import { findRecipient, type ResolvedRecipient } from "../../domain/mail/delivery/resolve-recipient.ts";
import { receiveMessage } from "./receive-message.ts";
import { SmtpRefusal } from "./reply.ts";
import { runSmtpServer } from "./run-smtp-server.ts";
import type { ReceivingOptions, SmtpServer } from "./smtp-options.ts";

/**
 * Takes mail from other servers for our own domains (port 25 on the Internet). Nobody signs in here and nothing is relayed.
 * @throws ListenError
 */
export async function startReceiving(options: ReceivingOptions): Promise<SmtpServer> {
  const { store } = options.mail;
  const resolved = new WeakMap<SMTPServerAddress, ResolvedRecipient>();
  return runSmtpServer({
    ...options,
    name: "SMTP",
    service: "receiving",
    implicitTls: false,
    extra: { disabledCommands: ["AUTH"], authOptional: true },
    handlers: {
      async mailFrom() {
        // Any sender may write; SIZE was checked by the library.
      },
      async rcptTo(recipient, session) {
        const address = recipient.address.toLowerCase() === "postmaster" ? await postmaster() : recipient.address;
        const found = address === undefined ? undefined : await findRecipient(store.read, address);
        if (!found) throw new SmtpRefusal(550, "5.7.1", "This server takes mail for its own domains only");
        const { mailFrom } = session.envelope;
        const declared = mailFrom !== false && mailFrom.args ? Number(mailFrom.args.SIZE) : Number.NaN;
        await checkRecipientQuota(store.read, found, Number.isFinite(declared) ? declared : 0);
        resolved.set(recipient, found);
      },
      data(stream, session, cut) {
        const recipients = session.envelope.rcptTo.flatMap((recipient) => resolved.get(recipient) ?? []);
        return receiveMessage(options, session, recipients, stream, cut);
      },
    },
  });

  function postmaster(): Promise<string | undefined> {
    return readPostmasterAddress(store.read);
  }
}
