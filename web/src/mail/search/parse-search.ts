import type { FilterOf, Id } from "@bouquet/contract/jmap.ts";
import type { EmailFilter } from "@bouquet/contract/jmap-mail.ts";

type Field = "from" | "to" | "cc" | "subject" | "body";

const fields: Record<string, Field> = {
  de: "from",
  from: "from",
  à: "to",
  a: "to",
  to: "to",
  copie: "cc",
  cc: "cc",
  objet: "subject",
  sujet: "subject",
  subject: "subject",
  texte: "body",
  body: "body",
};

/* Sentences that people type as they are, once accents and case are gone. */
const sentences: [RegExp, EmailFilter][] = [
  [/\b(avec|with)( une| an?)? (piece jointe|pj|attachments?)\b|\bhas:attachment\b/, { hasAttachment: true }],
  [/\b(sans|without)( an?)? (piece jointe|pj|attachments?)\b/, { hasAttachment: false }],
  [/\b(non lus?|is:unread|unread)\b/, { notKeyword: "$seen" }],
  [/\b(is:flagged|est:important)\b/, { hasKeyword: "$flagged" }],
];

const dates: Record<string, "before" | "after"> = { avant: "before", before: "before", après: "after", after: "after" };

function plain(text: string): string {
  // One letter stays one letter, so that positions in the folded text are those of the text.
  return [...text]
    .map((char) => char.normalize("NFD")[0] ?? char)
    .join("")
    .toLowerCase();
}

/** `2026-11-23`, `23/11/2026` or `2026` at midnight UTC. */
function readDate(text: string): string | null {
  const iso = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text);
  const french = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  const [year, month, day] = iso
    ? [iso[1], iso[2] ?? "01", iso[3] ?? "01"]
    : french
      ? [french[3], french[2]?.padStart(2, "0"), french[1]?.padStart(2, "0")]
      : [];
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? null : `${date.toISOString().slice(0, 19)}Z`;
}

/**
 * Reads what was typed in the search: words, `de:`, `à:`, `objet:` (also in English, with quotes for several words), « avec
 * pièce jointe », « non lu », `avant:` and `après:` with a date. Words must all be found.
 */
export function parseSearch(typed: string): EmailFilter[] {
  const conditions: EmailFilter[] = [];
  let rest = typed.normalize("NFC").slice(0, 1000);
  for (const [sentence, condition] of sentences) {
    const found = sentence.exec(plain(rest));
    if (!found) continue;
    conditions.push(condition);
    rest = `${rest.slice(0, found.index)} ${rest.slice(found.index + found[0].length)}`;
  }
  const words: string[] = [];
  for (const match of rest.matchAll(/(?:([\p{L}]+):)?(?:"([^"]*)"|(\S+))/gu)) {
    const name = match[1]?.toLowerCase();
    const value = (match[2] ?? match[3] ?? "").trim();
    if (value === "") continue;
    const field = name === undefined ? undefined : fields[name];
    const bound = name === undefined ? undefined : dates[name];
    const date = bound && readDate(value);
    if (field) conditions.push({ [field]: value });
    else if (bound && date) conditions.push({ [bound]: date });
    else words.push(match[0].replaceAll('"', "").trim());
  }
  if (words.length > 0) conditions.unshift({ text: words.join(" ") });
  return conditions;
}

/** The filter of a list. @param without mailboxes that a search everywhere leaves out */
export function listFilter(mailboxId: Id | null, search: string, without: readonly Id[]): FilterOf<EmailFilter> {
  const where: EmailFilter = mailboxId === null ? { inMailboxOtherThan: [...without] } : { inMailbox: mailboxId };
  const conditions = search === "" ? [] : parseSearch(search);
  if (conditions.length === 0) return where;
  return { operator: "AND", conditions: [where, ...conditions] };
}
