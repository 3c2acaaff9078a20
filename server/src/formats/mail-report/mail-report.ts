/** What another server tells about the mail of a domain: DMARC (RFC 7489 section 7.2) or SMTP TLS (RFC 8460). */
export interface MailReport {
  readonly kind: "dmarc" | "tls";
  /** Of the policy that the reporter applied. Lower-case. */
  readonly domain: string;
  /** Who reports, as it names itself. */
  readonly reporter: string;
  readonly reportId: string;
  readonly beginsAt: Date;
  readonly endsAt: Date;
  /** The policy as the reporter saw it. */
  readonly policy: Readonly<Record<string, string>>;
  readonly rows: readonly MailReportRow[];
}

export interface MailReportRow {
  /** IP address of the server that sent. */
  readonly source: string | undefined;
  /** Messages (DMARC) or sessions (TLS). */
  readonly count: number;
  /** DMARC: `none`, `quarantine`, `reject`. TLS: `success`, or the result-type of RFC 8460 section 4.3. */
  readonly result: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The bytes are no report that can be read; the sentence says why. */
export class MailReportError extends Error {
  override readonly name = "MailReportError";
}

export const mostRows = 10_000;

/** Text of others: one line, no control characters, no half characters, cut. */
export function clean(text: unknown, length = 255): string {
  return String(text ?? "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, length)
    .toWellFormed();
}

export function count(text: unknown): number {
  const value = typeof text === "number" ? text : /^\d{1,15}$/.test(clean(text)) ? Number(clean(text)) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < 0) throw new MailReportError(`${clean(text, 40)} is no count`);
  return value;
}

/** @throws MailReportError when it is none that a calendar of ours knows */
export function reportDate(made: Date): Date {
  const year = made.getUTCFullYear();
  if (!(year >= 1970 && year <= 9_999)) throw new MailReportError("The report's dates are none");
  return made;
}
