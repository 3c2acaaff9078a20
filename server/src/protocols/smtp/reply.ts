/** What a client is answered instead of 250: a reply code (RFC 5321 section 4.2) and an enhanced one (RFC 3463). */
export class SmtpRefusal extends Error {
  override readonly name = "SmtpRefusal";
  readonly code: number;
  readonly status: string;

  constructor(code: number, status: string, text: string, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
    this.status = status;
  }

  /** True when the client should try again later. */
  get isTemporary(): boolean {
    return this.code < 500;
  }

  /** 421 ends the connection (RFC 5321 section 3.8). */
  get isGoodbye(): boolean {
    return this.code === 421;
  }
}

/** A refusal after which the connection is closed. */
export function goodbye(text: string, status = "4.7.0"): SmtpRefusal {
  return new SmtpRefusal(421, status, text);
}

/**
 * One reply as it is sent; `status` is empty where RFC 2034 section 4 wants none (220 of the greeting, EHLO, 3xx).
 * @param isUtf8 whether the transaction was begun with SMTPUTF8; without, replies are ASCII (RFC 6531 section 3.7.4.2), and what people
 *   have written in them, such as the reason of `ereject`, loses its accents
 */
export function formatReply(code: number, status: string, lines: readonly string[], isUtf8 = false): string {
  const prefix = status === "" ? "" : `${status} `;
  return lines
    .map(
      (line, index) =>
        `${code}${index === lines.length - 1 ? " " : "-"}${prefix}${oneLine(isUtf8 ? line : toAscii(line))}\r\n`,
    )
    .join("");
}

function toAscii(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[‘’]/g, "'")
    .replace(/[«»“”]/g, '"')
    .replace(/[–—]/g, "-")
    .replace(/[œŒ]/g, (letter) => (letter === "œ" ? "oe" : "OE"))
    .replace(/[^\p{Cc}\x20-\x7e]/gu, "?");
}

/** 512 bytes with code and line end: RFC 5321 section 4.5.3.1.5. */
function oneLine(text: string): string {
  const plain = text.replace(/\p{Cc}+/gu, " ");
  return Buffer.byteLength(plain) <= 490
    ? plain
    : Buffer.from(plain)
        .subarray(0, 487)
        .toString("utf8")
        .replace(/\ufffd+$/, "");
}
