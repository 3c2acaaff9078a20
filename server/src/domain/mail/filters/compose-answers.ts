import { isAscii } from "node:buffer";
import { decodeWords } from "../../../formats/mime/decode-header.ts";
import type { NotifyAction, VacationAction } from "../../../formats/sieve/actions.ts";
import { nameOfAddress, soleAddress } from "../../../formats/sieve/address-part.ts";
import { parseMailto } from "../../../formats/sieve/notify-method.ts";
import type { Blobs } from "../../../store/blobs/blobs.ts";
import { composeMail } from "../compose-mail.ts";
import { composeNotice } from "../compose-notice.ts";
import type { IncomingMessage } from "../delivery/incoming-message.ts";
import { domainOf } from "../domain-of.ts";
import type { FilterSend } from "./filter-outcome.ts";
import type { FilterOwner } from "./filter-owner.ts";

interface Context {
  readonly blobs: Blobs;
  readonly hostName: string;
  readonly owner: FilterOwner;
  /** The address that the message came to. */
  readonly address: string;
  readonly message: IncomingMessage;
  readonly now: Date;
}

async function toSend(
  { blobs }: Context,
  kind: FilterSend["kind"],
  recipients: string[],
  author: string,
  bytes: Buffer,
): Promise<FilterSend> {
  const staged = await blobs.stage(bytes);
  // Notices to programs and answers by programs come from nobody (RFC 3834 section 3.3).
  const isSmtpUtf8 = recipients.some((each) => !isAscii(Buffer.from(each)));
  return {
    kind,
    returnPath: "",
    recipients,
    staged,
    isEightBit: !isAscii(bytes),
    isSmtpUtf8,
    composed: { author, bytes },
  };
}

/**
 * Only one's own address may be the author: another `:from` is left out (RFC 5230 section 4.3, RFC 5435 section 3.3). Without one it
 * is the address that was written to.
 */
function authorOf({ owner, address }: Context, wanted: string | undefined): { name: string; address: string } {
  const asked = wanted === undefined ? undefined : soleAddress(wanted)?.toLowerCase();
  const written = address.replace(/\+[^@]*(?=@)/, "");
  const own = [asked, address, written].find((each) => each !== undefined && owner.addresses.includes(each));
  const name = own !== undefined && own === asked ? decodeWords(nameOfAddress(wanted ?? "")) : "";
  return { name: name === "" ? owner.name : name, address: own ?? owner.addresses[0] ?? address };
}

/** RFC 5230 section 5. */
export async function composeVacation(context: Context, action: VacationAction): Promise<FilterSend> {
  const { analyzed, sender } = context.message;
  // Editors of scripts write what is not ASCII as encoded words.
  const subject =
    (action.subject && decodeWords(action.subject)) ??
    `Réponse automatique${analyzed.subject === "" ? "" : ` : ${analyzed.subject}`}`;
  const author = authorOf(context, action.from);
  const bytes = composeMail({
    from: author,
    to: [sender],
    subject,
    date: context.now,
    hostName: context.hostName,
    inReplyTo: analyzed.messageId ?? undefined,
    references: analyzed.references,
    autoSubmitted: "auto-replied (vacation)",
    body: action.isMime ? { entity: action.reason } : { text: action.reason },
  });
  return toSend(context, "vacation", [sender], author.address, bytes);
}

/** RFC 5436 section 2. */
export async function composeNotification(context: Context, action: NotifyAction): Promise<FilterSend | undefined> {
  const method = parseMailto(action.method);
  if (!method) return undefined;
  const { analyzed } = context.message;
  const author = analyzed.from[0];
  const from = author?.name ?? author?.email ?? context.message.sender;
  const subject = action.message ?? method.subject ?? `Nouveau message de ${from}`;
  const text =
    method.body ?? [`De : ${from}`, `Objet : ${analyzed.subject}`, `Pour : ${context.address}`, ""].join("\n");
  const owner = context.owner.addresses[0] ?? context.address;
  const writer = authorOf(context, action.from);
  const bytes = composeMail({
    from: writer,
    to: method.to,
    cc: method.cc.filter((each) => !method.to.includes(each)),
    subject: subject.replace(/[\r\n]+/g, " "),
    date: context.now,
    hostName: context.hostName,
    autoSubmitted: `auto-notified; owner-email="${owner}"`,
    fields: [
      { name: "Importance", value: { 1: "High", 2: "Normal", 3: "Low" }[action.importance] },
      { name: "X-Priority", value: { 1: "1", 2: "3", 3: "5" }[action.importance] },
      ...method.fields,
    ],
    body: { text },
  });
  return toSend(context, "notify", [...new Set([...method.to, ...method.cc, ...method.bcc])], writer.address, bytes);
}

/** Tells the owner, in French, that their script fails. */
export async function composeFailureNotice(
  context: Context,
  failure: { message: string; line: number; script: string },
): Promise<FilterSend | undefined> {
  const to = context.owner.addresses[0];
  if (to === undefined) return undefined;
  const { analyzed } = context.message;
  const domain = domainOf(to);
  const bytes = composeNotice({
    to,
    domain,
    subject: "Vos filtres de messagerie ne fonctionnent pas",
    date: context.now,
    hostName: context.hostName,
    text: [
      "Bonjour,",
      "",
      `Un filtre n’a pas pu être appliqué au message « ${analyzed.subject} ». Le message est dans votre boîte de réception ; aucun message n’est perdu.`,
      "",
      `Script : ${failure.script}, ligne ${failure.line}`,
      `Erreur : ${failure.message}`,
      "",
      "Corrigez vos filtres dans les réglages du courrier, ou demandez de l’aide à votre administrateur.",
      "Cet avis n’est envoyé qu’une fois par jour.",
      "",
    ].join("\n"),
  });
  return toSend(context, "notice", [to], `postmaster@${domain}`, bytes);
}
