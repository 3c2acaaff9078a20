import { BadCommand } from "./bad-command.ts";
import { decodeXtext } from "./xtext.ts";

export type DsnNotify = "NEVER" | "SUCCESS" | "FAILURE" | "DELAY";

export interface MailParameters {
  /** Bytes, as the client announces them (RFC 1870). */
  readonly size: number | undefined;
  readonly body: "7BIT" | "8BITMIME" | undefined;
  readonly isSmtpUtf8: boolean;
  /** RFC 8689. */
  readonly isTlsRequired: boolean;
  /** RFC 3461. */
  readonly ret: "FULL" | "HDRS" | null;
  /** RFC 3461, decoded. */
  readonly envid: string | null;
}

export interface RecipientParameters {
  /** RFC 3461; null when the client left it to us. */
  readonly notify: readonly DsnNotify[] | null;
  /** RFC 3461, as written: `rfc822;marie+40exemple.fr`. */
  readonly orcpt: string | null;
}

/** Which extensions were announced: a parameter of another is 555 (RFC 5321 section 4.1.1.11). */
export interface KnownParameters {
  readonly requireTls: boolean;
  readonly auth: boolean;
}

/** @throws BadCommand */
export function readMailParameters(text: string, known: KnownParameters): MailParameters {
  let size: number | undefined;
  let body: MailParameters["body"];
  let isSmtpUtf8 = false;
  let isTlsRequired = false;
  let ret: MailParameters["ret"] = null;
  let envid: string | null = null;
  for (const [keyword, value] of split(text)) {
    switch (keyword) {
      case "SIZE":
        if (!/^\d{1,20}$/.test(value)) throw wrong(keyword);
        size = Number(value);
        break;
      case "BODY": {
        const type = value.toUpperCase();
        if (type !== "7BIT" && type !== "8BITMIME") throw wrong(keyword);
        body = type;
        break;
      }
      case "SMTPUTF8":
        if (value !== "") throw wrong(keyword);
        isSmtpUtf8 = true;
        break;
      case "REQUIRETLS":
        if (!known.requireTls) throw unknown(keyword);
        if (value !== "") throw wrong(keyword);
        isTlsRequired = true;
        break;
      case "RET": {
        const kind = value.toUpperCase();
        if (kind !== "FULL" && kind !== "HDRS") throw wrong(keyword);
        ret = kind;
        break;
      }
      case "ENVID": {
        const decoded = decodeXtext(value);
        // RFC 3461 section 4.4: 100 characters, and it goes back in a header field, so printable.
        if (decoded === undefined || value.length > 100 || !/^[ -~]+$/.test(decoded)) throw wrong(keyword);
        envid = decoded;
        break;
      }
      case "AUTH":
        // RFC 4954 section 5: read, and not believed from anyone.
        if (!known.auth) throw unknown(keyword);
        if (decodeXtext(value) === undefined) throw wrong(keyword);
        break;
      default:
        throw unknown(keyword);
    }
  }
  return { size, body, isSmtpUtf8, isTlsRequired, ret, envid };
}

/** @throws BadCommand */
export function readRecipientParameters(text: string): RecipientParameters {
  let notify: DsnNotify[] | null = null;
  let orcpt: string | null = null;
  for (const [keyword, value] of split(text)) {
    if (keyword === "NOTIFY") {
      const kinds = value.toUpperCase().split(",");
      const isKnown = kinds.every((kind) => ["NEVER", "SUCCESS", "FAILURE", "DELAY"].includes(kind));
      if (!isKnown || new Set(kinds).size < kinds.length || (kinds.includes("NEVER") && kinds.length > 1)) {
        throw wrong(keyword);
      }
      notify = kinds as DsnNotify[];
    } else if (keyword === "ORCPT") {
      // RFC 6533 section 3 adds utf-8; 500 characters: RFC 3461 section 4.2.
      if (value.length > 500 || !/^[A-Za-z0-9-]+;[!-<>-~\u0080-\u{10ffff}]+$/u.test(value)) throw wrong(keyword);
      orcpt = value;
    } else {
      throw unknown(keyword);
    }
  }
  return { notify, orcpt };
}

function split(text: string): [keyword: string, value: string][] {
  const words = text.split(" ").filter((word) => word !== "");
  const seen = new Set<string>();
  return words.map((word) => {
    const equals = word.indexOf("=");
    const keyword = (equals < 0 ? word : word.slice(0, equals)).toUpperCase();
    if (!/^[A-Z0-9][A-Z0-9-]*$/.test(keyword) || equals === word.length - 1) {
      throw new BadCommand(501, "5.5.4", "A parameter is malformed");
    }
    if (seen.has(keyword)) throw new BadCommand(501, "5.5.4", `The parameter ${keyword} stands twice`);
    seen.add(keyword);
    return [keyword, equals < 0 ? "" : word.slice(equals + 1)];
  });
}

function wrong(keyword: string): BadCommand {
  return new BadCommand(501, "5.5.4", `The parameter ${keyword} has a wrong value`);
}

function unknown(keyword: string): BadCommand {
  return new BadCommand(555, "5.5.4", `The parameter ${keyword.slice(0, 40)} is not known here`);
}
