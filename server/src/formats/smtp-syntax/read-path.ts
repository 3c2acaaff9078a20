import { isIPv4, isIPv6 } from "node:net";
import { BadCommand } from "./bad-command.ts";

export interface Path {
  /** As written, without angle brackets, source route and needless quotes; empty for `<>`. */
  readonly address: string;
  /** Holds other than ASCII: allowed with SMTPUTF8 only (RFC 6531 section 3.3). */
  readonly isInternational: boolean;
  /** What follows the path: the parameters. */
  readonly rest: string;
}

// RFC 5321 section 4.1.2; the characters beyond ASCII are those of RFC 6531.
const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\u{10ffff}-]+";
const dotString = new RegExp(`^${atom}(?:\\.${atom})*$`, "u");
const quotedString = /^"(?:[ !#-[\]-~\u0080-\u{10ffff}]|\\[ -~])*"$/u;
const label = "[A-Za-z0-9\\u0080-\\u{10ffff}](?:[A-Za-z0-9\\u0080-\\u{10ffff}-]*[A-Za-z0-9\\u0080-\\u{10ffff}])?";
// Underscores are no letters of a host name, but names with them exist and are nobody's harm.
const domainName = new RegExp(
  `^(?:${label.replaceAll("0-9", "0-9_")})(?:\\.(?:${label.replaceAll("0-9", "0-9_")}))*$`,
  "u",
);
const sourceRoute = /^@[^<>:@\s]+(?:,@[^<>:@\s]+)*:/;

/**
 * Reads `FROM:<…>` or `TO:<…>` of MAIL and RCPT, with its angle brackets.
 * @param keyword "FROM" or "TO"
 * @param mayBeEmpty `<>` is the return path of notifications, and no recipient
 * @throws BadCommand
 */
export function readPath(text: string, keyword: "FROM" | "TO", mayBeEmpty: boolean): Path {
  const prefix = new RegExp(`^${keyword}: ?<`, "i").exec(text);
  if (!prefix) throw new BadCommand(501, "5.5.2", `${keyword}: and an address in angle brackets are expected`);
  const status = keyword === "FROM" ? "5.1.7" : "5.1.3";
  const start = prefix[0].length;
  const end = findEnd(text, start);
  if (end < 0) throw new BadCommand(501, status, "The address has no closing angle bracket");
  const rest = text.slice(end + 1);
  if (rest !== "" && !rest.startsWith(" ")) throw new BadCommand(501, "5.5.4", "A space is expected after the address");
  // RFC 5321 section 4.1.1.3 and appendix C: a source route is accepted and ignored.
  const address = text.slice(start, end).replace(sourceRoute, "");
  const bad = (why: string) => new BadCommand(keyword === "FROM" ? 553 : 501, status, why);
  if (address === "") {
    if (mayBeEmpty) return { address, isInternational: false, rest };
    throw bad("The address is empty");
  }
  if (keyword === "TO" && address.toLowerCase() === "postmaster") return { address, isInternational: false, rest };
  const at = address.lastIndexOf("@");
  const localPart = unquoted(address.slice(0, at));
  const domain = address.slice(at + 1);
  if (at <= 0 || domain === "") throw bad("The address needs a local part and a domain");
  // RFC 5321 section 4.5.3.1, in bytes.
  if (Buffer.byteLength(localPart) > 64) throw bad("The local part is longer than 64 bytes");
  if (Buffer.byteLength(domain) > 255) throw bad("The domain is longer than 255 bytes");
  if (!dotString.test(localPart) && !quotedString.test(localPart)) throw bad("The local part breaks RFC 5321");
  if (!isDomain(domain)) throw bad("The domain breaks RFC 5321");
  return { address: `${localPart}@${domain}`, isInternational: /[^\p{ASCII}]/u.test(address), rest };
}

/** RFC 5321 section 4.1.2: a quoted string that needs no quotes is the same as the string without them. */
function unquoted(localPart: string): string {
  if (!quotedString.test(localPart)) return localPart;
  const content = localPart.slice(1, -1).replace(/\\(.)/gu, "$1");
  return dotString.test(content) ? content : localPart;
}

function isDomain(domain: string): boolean {
  const literal = /^\[(IPv6:)?([0-9A-Fa-f:.]+)\]$/i.exec(domain);
  if (literal) return literal[1] ? isIPv6(literal[2]!) : isIPv4(literal[2]!);
  return (
    domainName.test(domain) &&
    domain.split(".").every((each) => Buffer.byteLength(each) <= 63 || /[^\p{ASCII}]/u.test(each))
  );
}

/** The `>` that is not inside a quoted local part. */
function findEnd(text: string, start: number): number {
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === "\\") at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ">" && !isQuoted) return at;
    else if (character === "<" && !isQuoted) return -1;
  }
  return -1;
}
