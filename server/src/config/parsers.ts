import { isIP } from "node:net";

/**
 * Reads the text of one setting. `expected` completes "X must be …"; `parse` returns undefined for a wrong text,
 * so that the sentence for the operator is made in one place and never shows a secret.
 */
export type Parser<T> = {
  readonly expected: string;
  readonly parse: (text: string) => T | undefined;
};

export type ByteCount = number;

const sizeUnits: Record<string, number> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

export const text: Parser<string> = {
  expected: "a text of one line and at most 500 characters",
  parse: (value) => (value.length <= 500 && !/\p{Cc}/u.test(value) ? value : undefined),
};

export const path: Parser<string> = {
  expected: "a path of a file or directory",
  parse: (value) => (value.includes("\0") ? undefined : value),
};

export function wholeNumber(least: number, most: number): Parser<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    parse: (value) => {
      if (!/^\d{1,15}$/.test(value)) return undefined;
      const number = Number(value);
      return number >= least && number <= most ? number : undefined;
    },
  };
}

export const port: Parser<number> = {
  ...wholeNumber(0, 65_535),
  expected: "a port number from 0 to 65535 (0 takes a free one)",
};

export const yesOrNo: Parser<boolean> = {
  expected: "yes or no",
  parse: (value) => {
    if (/^(yes|true|1|on)$/i.test(value)) return true;
    return /^(no|false|0|off)$/i.test(value) ? false : undefined;
  },
};

export function oneOf<const T extends string>(...choices: readonly T[]): Parser<T> {
  return { expected: `one of ${choices.join(", ")}`, parse: (value) => choices.find((choice) => choice === value) };
}

/** A size in bytes; decimal units as disks and offers are sold (`2GB` is 2,000,000,000), binary ones with an i (`64MiB`). */
export function byteCount(least: ByteCount, most: ByteCount = Number.MAX_SAFE_INTEGER): Parser<ByteCount> {
  return {
    expected: `a size such as 500MB, 2GB or 64MiB, at least ${least} bytes`,
    parse: (value) => {
      const match = /^(\d{1,15}(?:\.\d{1,3})?)\s*([a-z]{0,3})$/i.exec(value);
      const unit = match ? sizeUnits[match[2]!.toLowerCase()] : undefined;
      if (unit === undefined) return undefined;
      const bytes = Math.round(Number(match![1]) * unit);
      return bytes >= least && bytes <= most ? bytes : undefined;
    },
  };
}

const hostLabel = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const hostNamePattern = new RegExp(`^${hostLabel}(?:\\.${hostLabel})*$`);

/** True for a host name as DNS and URLs accept it (RFC 1123 section 2.1): lower-case ASCII, IDN in its xn-- form. */
export function isHostName(value: string): boolean {
  return value.length <= 253 && hostNamePattern.test(value);
}

export const hostName: Parser<string> = {
  expected: "a host name such as mail.example.org (accents in their xn-- form)",
  parse: (value) => {
    const name = value.toLowerCase().replace(/\.$/, "");
    return isHostName(name) && isIP(name) === 0 ? name : undefined;
  },
};

export const timeZone: Parser<string> = {
  expected: "a time zone name of the IANA database such as Europe/Paris or Indian/Reunion",
  parse: (value) => {
    if (!/^[A-Z][A-Za-z0-9_+/-]+$/.test(value)) return undefined;
    try {
      return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  },
};

export const emailAddress: Parser<string> = {
  expected: "an e-mail address",
  parse: (value) => {
    const at = value.lastIndexOf("@");
    const local = value.slice(0, at);
    return at > 0 && /^[^\s@<>"(),;:\\]{1,64}$/.test(local) && isHostName(value.slice(at + 1).toLowerCase())
      ? value
      : undefined;
  },
};

export const webAddress: Parser<string> = {
  expected: "a web address that starts with http:// or https://",
  parse: (value) => {
    const url = URL.parse(value);
    return url && /^https?:$/.test(url.protocol) ? url.href : undefined;
  },
};

/** A comma-separated list, without repeats; an item that `item` refuses makes the whole list wrong. */
export function listOf<T>(item: Parser<T>, expected: string, least = 1): Parser<readonly T[]> {
  return {
    expected,
    parse: (value) => {
      const found: T[] = [];
      for (const part of value.split(",").map((piece) => piece.trim())) {
        if (part === "") continue;
        const parsed = item.parse(part);
        if (parsed === undefined) return undefined;
        if (!found.includes(parsed)) found.push(parsed);
      }
      return found.length >= least ? found : undefined;
    },
  };
}

/** `host` or `host:port`, the host an IPv4 address, an IPv6 one in brackets, or a name. */
export function parseHostAndPort(
  value: string,
  defaultPort: number,
): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(value);
  if (!match) return undefined;
  const host = match[1] ?? match[2]!.toLowerCase();
  const portNumber = match[3] === undefined ? defaultPort : Number(match[3]);
  if (portNumber < 1 || portNumber > 65_535) return undefined;
  if (match[1] !== undefined ? isIP(host) !== 6 : !(isIP(host) === 4 || isHostName(host))) return undefined;
  return { host, port: portNumber };
}

export const ipAddress: Parser<string> = {
  expected: "an IP address",
  parse: (value) => (isIP(value) === 0 ? undefined : value),
};

export const ipNetwork: Parser<string> = {
  expected: "an IP address or a network such as 10.0.0.0/8",
  parse: (value) => {
    const [address = "", bits, ...rest] = value.split("/");
    const family = isIP(address);
    if (family === 0 || rest.length > 0) return undefined;
    if (bits === undefined) return value;
    return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128) ? value : undefined;
  },
};
