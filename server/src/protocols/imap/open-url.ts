import { Readable } from "node:stream";
import { DomainError } from "../../domain/errors.ts";
import { readMailboxMessages } from "../../domain/mail/read-mailbox-messages.ts";
import { readMessageDetails } from "../../domain/mail/read-message-details.ts";
import { BadSyntax } from "../../formats/imap-syntax/bad-syntax.ts";
import { parseImapUrl } from "../../formats/imap-syntax/parse-url.ts";
import { openSection } from "./fetch-section.ts";
import { findMailbox } from "./mailbox-tree.ts";
import { Refusal } from "./refusal.ts";
import type { Session } from "./session.ts";

/**
 * Opens what a URL of CATENATE names, in the mailboxes that the person may read.
 * @throws Refusal BADURL with the URL (RFC 4469 section 4), whatever the reason
 */
export async function openUrl(session: Session, url: string): Promise<{ size: number; stream: Readable }> {
  try {
    return await open(session, url);
  } catch (error) {
    const isWrong = error instanceof BadSyntax || error instanceof Refusal;
    if (isWrong || (error instanceof DomainError && ["not_found", "forbidden"].includes(error.code))) {
      const quoted = url
        .replace(/[^\x20-\x7e]/g, "?")
        .slice(0, 500)
        .replace(/["\\\]]/g, "");
      throw new Refusal("The URL names nothing that could be taken.", `BADURL "${quoted}"`);
    }
    throw error;
  }
}

async function open(session: Session, url: string): Promise<{ size: number; stream: Readable }> {
  const { mailbox: name, uidValidity, uid, section, partial } = parseImapUrl(url);
  const { mail } = session.deps;
  const { selected } = session;
  const named = name === null ? null : await findMailbox(session, name);
  if (named === null && selected === null) throw new Refusal("No mailbox is selected.");
  const access = named?.access ?? selected!.access;
  const mailboxId = named?.mailbox.id ?? selected!.id;
  const current = named?.mailbox.uidvalidity ?? selected!.uidvalidity;
  if (uidValidity !== null && uidValidity !== current) throw new Refusal("UIDVALIDITY is another.");
  const [message] = await readMailboxMessages(mail.store.read, access, mailboxId, [uid]);
  if (message === undefined) throw new Refusal("There is no such message.");
  const { messageId, size } = message;
  const details = await readMessageDetails(mail.store.read, access, [messageId], { with: ["mime"] });
  const detail = details.get(messageId);
  const source = { access, messageId, size, blobId: detail?.blobId, mime: detail?.mime, header: undefined };
  const whole = { part: [], text: null, fields: [] };
  const opened = await openSection(session, source, section ?? whole, partial);
  if (opened === null) throw new Refusal("There is no such part.");
  return { size: opened.size, stream: opened.size === 0 ? Readable.from([]) : await opened.open() };
}
