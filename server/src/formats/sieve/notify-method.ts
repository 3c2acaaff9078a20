import { soleAddress } from "./address-part.ts";
import { isFieldName } from "./field-names.ts";

/** A notification by mail (RFC 5436, URI of RFC 6068). */
export interface MailtoMethod {
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string | undefined;
  readonly body: string | undefined;
  /** Other fields that the URI asks for and that are safe to take. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

const maxRecipients = 8;
/** RFC 5436 section 2.7 and RFC 6068 section 4: what routes, traces or identifies a message is ours to write. */
const unsafe =
  /^(?:from|sender|reply-to|return-path|received|date|message-id|auto-submitted|content-.*|mime-version|dkim-.*|arc-.*|resent-.*|to|cc|bcc|apparently-to|x-.*-recipient|authentication-results|delivered-to)$/i;

/** @returns undefined for a URI of another method, without recipient, with too many, or malformed */
export function parseMailto(uri: string): MailtoMethod | undefined {
  const found = /^mailto:([^?#]*)(?:\?([^#]*))?$/i.exec(uri.trim());
  if (!found || uri.length > 4_000) return undefined;
  const lists: Record<"to" | "cc" | "bcc", string[]> = { to: [], cc: [], bcc: [] };
  const fields: { name: string; value: string }[] = [];
  let subject: string | undefined;
  let body: string | undefined;
  const addAll = (list: keyof typeof lists, encoded: string): boolean => {
    // A comma between addresses may be written %2C (RFC 2368 section 2); one inside an address is quoted.
    for (const piece of decode(encoded)?.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+|"/g) ?? []) {
      const address = soleAddress(piece);
      if (address === undefined) return false;
      lists[list].push(address);
    }
    return decode(encoded) !== undefined;
  };
  if (!addAll("to", found[1]!)) return undefined;
  for (const pair of found[2] ? found[2].split("&") : []) {
    const equals = pair.indexOf("=");
    const name = equals < 0 ? undefined : decode(pair.slice(0, equals))?.toLowerCase();
    const value = equals < 0 ? undefined : decode(pair.slice(equals + 1));
    if (name === undefined || value === undefined || !isFieldName(name)) return undefined;
    if (name === "to" || name === "cc" || name === "bcc") {
      if (!addAll(name, pair.slice(equals + 1))) return undefined;
    } else if (name === "subject") subject ??= value.replace(/[\r\n]+/g, " ");
    else if (name === "body") body ??= value;
    else if (/^[a-z0-9-]{1,60}$/.test(name) && !unsafe.test(name) && fields.length < 10) {
      fields.push({
        name: name.replace(/(^|-)([a-z])/g, (letters) => letters.toUpperCase()),
        value: value.replace(/[\r\n]+/g, " "),
      });
    }
  }
  const count = lists.to.length + lists.cc.length + lists.bcc.length;
  return count === 0 || count > maxRecipients ? undefined : { ...lists, subject, body, fields };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
