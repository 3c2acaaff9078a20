import type { EmailAddress } from "@bouquet/contract/jmap-mail.ts";

interface Original {
  readonly from: EmailAddress[] | null;
  readonly replyTo: EmailAddress[] | null;
  readonly to: EmailAddress[] | null;
  readonly cc: EmailAddress[] | null;
  readonly subject: string | null;
  readonly messageId: string[] | null;
  readonly references: string[] | null;
  readonly inReplyTo: string[] | null;
}

/**
 * Whom an answer goes to. One's own addresses are left out, unless nobody else is left; answering one's own message goes on
 * writing to its recipients.
 * @param own in lower case
 */
export function answerRecipients(
  original: Original,
  own: ReadonlySet<string>,
  toAll: boolean,
): { to: EmailAddress[]; cc: EmailAddress[] } {
  const isOwn = ({ email }: EmailAddress) => own.has(email.toLowerCase());
  const isMine = (original.from ?? []).length > 0 && (original.from ?? []).every(isOwn);
  const senders = original.replyTo?.length ? original.replyTo : (original.from ?? []);
  const to = distinct(isMine ? (original.to ?? []) : toAll ? [...senders, ...(original.to ?? [])] : senders);
  const others = to.filter((address) => !isOwn(address));
  const chosen = others.length > 0 ? others : to.slice(0, 1);
  if (!toAll) return { to: chosen, cc: [] };
  const taken = new Set(chosen.map(({ email }) => email.toLowerCase()));
  const cc = distinct(original.cc ?? []).filter(
    (address) => !isOwn(address) && !taken.has(address.email.toLowerCase()),
  );
  return { to: chosen, cc };
}

function distinct(addresses: readonly EmailAddress[]): EmailAddress[] {
  const byEmail = new Map<string, EmailAddress>();
  for (const address of addresses) {
    const key = address.email.toLowerCase();
    if (!byEmail.has(key)) byEmail.set(key, { name: address.name, email: address.email });
  }
  return [...byEmail.values()];
}

/** « Re: » or « Tr: » before a subject that does not have it yet, in whatever language. */
export function answerSubject(subject: string | null, kind: "reply" | "forward"): string {
  const given = (subject ?? "").trim();
  const has = kind === "reply" ? /^(re|rép|ré|aw|sv)\s*(\[\d+\])?\s*:/i : /^(tr|fwd?|wg)\s*:/i;
  if (has.test(given)) return given;
  return `${kind === "reply" ? "Re:" : "Tr:"} ${given}`.trim();
}

const maxReferences = 50;

/** RFC 5322 section 3.6.4. The first reference and the last ones are kept when there are very many. */
export function answerReferences(original: Original): { inReplyTo: string[] | null; references: string[] | null } {
  const parent = original.messageId?.[0];
  if (parent === undefined) return { inReplyTo: null, references: null };
  const before = original.references?.length
    ? original.references
    : original.inReplyTo?.length === 1
      ? original.inReplyTo
      : [];
  const all = [...new Set([...before.filter((id) => id !== parent), parent])];
  const references = all.length <= maxReferences ? all : [...all.slice(0, 1), ...all.slice(1 - maxReferences)];
  return { inReplyTo: [parent], references };
}
