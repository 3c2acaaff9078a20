import { composeMail } from "./compose-mail.ts";

export interface Notice {
  /** Undefined: several, who need not see one another. */
  readonly to: string | undefined;
  /** Whose postmaster writes it. */
  readonly domain: string;
  readonly subject: string;
  /** In French; lines end with LF. */
  readonly text: string;
  readonly date: Date;
  /** Of Message-ID. */
  readonly hostName: string;
}

/** A mail of the house to people, which no program answers. */
export function composeNotice({ to, domain, ...notice }: Notice): Buffer {
  return composeMail({
    from: { name: "Service de messagerie", address: `postmaster@${domain}` },
    to: to === undefined ? [] : [to],
    subject: notice.subject,
    date: notice.date,
    hostName: notice.hostName,
    autoSubmitted: "auto-generated",
    fields: [{ name: "Content-Language", value: "fr" }],
    body: { text: notice.text },
  });
}
