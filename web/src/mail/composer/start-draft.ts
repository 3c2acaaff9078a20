import type { Id } from "@bouquet/contract/jmap.ts";
import type { EmailAddress, EmailBodyPart, Identity } from "@bouquet/contract/jmap-mail.ts";
import type { QueryClient } from "@tanstack/react-query";
import { keys } from "../jmap/account-cache.ts";
import { identitiesQuery, type Jmap } from "../jmap/accounts.ts";
import { bodySegments, bodyText, type EmailBody, readBody } from "../reading/body.ts";
import { purifyForQuote } from "../reading/sanitize-html.ts";
import { answerRecipients, answerReferences, answerSubject } from "./answer.ts";
import type { ComposeRequest } from "./composer-context.ts";
import type { Draft, DraftAttachment } from "./draft.ts";
import { escapeHtml, textToHtml } from "./html-text.ts";
import { parseAddress } from "./parse-address.ts";
import { chooseSender, listSenders, type Sender } from "./senders.ts";

export interface QuoteWords {
  /** « Le lundi 23 novembre à 10:48, Agathe a écrit : » */
  readonly wrote: (body: EmailBody) => string;
  /** The lines above a forwarded message. */
  readonly forwarded: (body: EmailBody) => readonly string[];
}

export async function readSenders(queries: QueryClient, { accounts }: Jmap): Promise<Sender[]> {
  const identities = new Map<Id, Identity[]>();
  await Promise.all(
    accounts.map(async ({ id }) => {
      identities.set(id, await queries.fetchQuery(identitiesQuery(id)));
    }),
  );
  return listSenders(accounts, identities);
}

/** Makes the draft that a request asks for. @throws JmapError, OfflineError; Error when nothing can be sent from anywhere */
export async function startDraft(
  queries: QueryClient,
  jmap: Jmap,
  request: ComposeRequest,
  words: QuoteWords,
): Promise<Draft> {
  const senders = await readSenders(queries, jmap);
  const { accountId } = request;
  if (request.kind === "new") {
    const to = request.to === undefined ? null : parseAddress(request.to);
    return { ...blank(senders, accountId, []), to: to ? [to] : [] };
  }
  const body = await queries.fetchQuery({
    queryKey: keys.body(accountId, request.emailId),
    queryFn: ({ signal }) => readBody(accountId, request.emailId, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (request.kind === "draft") return resume(senders, accountId, body);

  const came = [...(body.to ?? []), ...(body.cc ?? []), ...(body.from ?? [])].map(({ email }) => email);
  const base = blank(senders, accountId, came);
  const own = new Set(senders.map(({ identity }) => identity.email.toLowerCase()));
  const original = { accountId, emailId: body.id };
  if (request.kind === "forward") {
    const lines = words
      .forwarded(body)
      .map((line) => escapeHtml(line))
      .join("<br>");
    return {
      ...base,
      subject: answerSubject(body.subject, "forward"),
      quote: `<p>${lines}</p>${quotedHtml(body)}`,
      attachments: body.attachments.map((part) => keepPart(accountId, part)),
      references: answerReferences(body).references,
      original: { ...original, keyword: "$forwarded" },
    };
  }
  const html = quotedHtml(body);
  return {
    ...base,
    ...answerRecipients(body, own, request.kind === "replyAll"),
    subject: answerSubject(body.subject, "reply"),
    quote: `<p>${escapeHtml(words.wrote(body))}</p><blockquote type="cite">${html}</blockquote>`,
    attachments: body.attachments
      .filter((part) => part.cid !== null && html.includes(`cid:${part.cid}`))
      .map((part) => keepPart(accountId, part)),
    ...answerReferences(body),
    original: { ...original, keyword: "$answered" },
  };
}

function blank(senders: readonly Sender[], accountId: Id, addressed: readonly string[]): Draft {
  const sender = chooseSender(senders, accountId, addressed);
  if (!sender) throw new Error("No address to send from");
  const { identity } = sender;
  return {
    key: crypto.randomUUID(),
    accountId: sender.accountId,
    identityId: identity.id,
    from: { name: identity.name || null, email: identity.email },
    to: [],
    cc: [],
    bcc: [...(identity.bcc ?? [])],
    subject: "",
    html: signatureOf(identity),
    quote: "",
    attachments: [],
    inReplyTo: null,
    references: null,
    original: null,
    saved: null,
  };
}

function signatureOf({ htmlSignature, textSignature }: Identity): string {
  if (htmlSignature.trim() !== "") return `<p></p>${purifyForQuote(htmlSignature)}`;
  return textSignature.trim() === "" ? "<p></p>" : `<p></p>${textToHtml(textSignature)}`;
}

/** A draft goes on where it was left; what it quotes is told from the rest by the mark that we put there. */
function resume(senders: readonly Sender[], accountId: Id, body: EmailBody): Draft {
  const from: EmailAddress | undefined = body.from?.[0];
  const sender =
    senders.find(
      (each) => each.accountId === accountId && each.identity.email.toLowerCase() === from?.email.toLowerCase(),
    ) ?? chooseSender(senders, accountId, from ? [from.email] : []);
  if (!sender) throw new Error("No address to send from");
  const segments = bodySegments(body);
  const whole = segments
    .map((segment) =>
      segment.kind === "html" ? segment.value : segment.kind === "text" ? textToHtml(segment.value) : "",
    )
    .join("");
  const page = new DOMParser().parseFromString(whole, "text/html");
  const quote = page.querySelector(".bouquet-quote");
  quote?.remove();
  return {
    ...blank([sender], accountId, []),
    to: body.to ?? [],
    cc: body.cc ?? [],
    bcc: body.bcc ?? [],
    subject: body.subject ?? "",
    html: purifyForQuote(page.body.innerHTML),
    quote: quote ? purifyForQuote(quote.innerHTML) : "",
    attachments: body.attachments.map((part) => keepPart(accountId, part)),
    inReplyTo: body.inReplyTo,
    references: body.references,
    saved: { accountId, emailId: body.id },
  };
}

function keepPart(accountId: Id, part: EmailBodyPart): DraftAttachment {
  return {
    key: crypto.randomUUID(),
    name: part.name ?? "piece-jointe",
    type: part.type,
    size: part.size,
    blob: part.blobId === null ? null : { accountId, blobId: part.blobId },
    file: null,
    fraction: 1,
    error: null,
    canRetry: false,
    cid: part.cid,
  };
}

function quotedHtml(body: EmailBody): string {
  const html = bodySegments(body)
    .map((segment) =>
      segment.kind === "html"
        ? purifyForQuote(segment.value)
        : segment.kind === "text"
          ? textToHtml(segment.value)
          : "",
    )
    .join("");
  return html === "" ? textToHtml(bodyText(body)) : html;
}
