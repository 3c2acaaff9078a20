/** One condition of a list: a state token or an entity tag, which must or must not hold. */
export interface IfCondition {
  readonly negated: boolean;
  readonly token?: string;
  /** As written, with its quotes and `W/`. */
  readonly etag?: string;
}

export interface IfList {
  /** The resource it is about, as written; absent: the one of the request. */
  readonly resource: string | undefined;
  /** All must hold. */
  readonly conditions: readonly IfCondition[];
}

const limits = { length: 8_192, lists: 64, conditions: 256 };

/**
 * Parses an If header (RFC 4918 section 10.4.2): lists with tags or without, not both.
 * @returns undefined when malformed
 */
export function parseIfHeader(header: string): IfList[] | undefined {
  if (header.length > limits.length) return undefined;
  const scanner = { text: header, at: 0 };
  const lists: IfList[] = [];
  let resource: string | undefined;
  let isTagged: boolean | undefined;
  let conditions = 0;
  let needsList = false;
  skipSpace(scanner);
  while (scanner.at < header.length) {
    if (header[scanner.at] === "<") {
      if (isTagged === false || needsList) return undefined;
      isTagged = true;
      resource = readBetween(scanner, tagged);
      if (resource === undefined) return undefined;
      needsList = true;
    } else {
      isTagged ??= false;
      const list = readList(scanner);
      if (!list) return undefined;
      conditions += list.length;
      if (lists.length >= limits.lists || conditions > limits.conditions) return undefined;
      lists.push({ resource, conditions: list });
      needsList = false;
    }
    skipSpace(scanner);
  }
  return lists.length > 0 && !needsList ? lists : undefined;
}

/** The tokens that the header submits (RFC 4918 section 10.4.1), in whichever list they are. */
export function submittedTokens(lists: readonly IfList[]): Set<string> {
  return new Set(lists.flatMap((list) => list.conditions.flatMap(({ token }) => (token === undefined ? [] : [token]))));
}

interface Scanner {
  readonly text: string;
  at: number;
}

function readList(scanner: Scanner): IfCondition[] | undefined {
  if (scanner.text[scanner.at] !== "(") return undefined;
  scanner.at += 1;
  const conditions: IfCondition[] = [];
  for (;;) {
    skipSpace(scanner);
    if (scanner.text[scanner.at] === ")") {
      scanner.at += 1;
      return conditions.length > 0 ? conditions : undefined;
    }
    const condition = readCondition(scanner);
    if (!condition) return undefined;
    conditions.push(condition);
  }
}

function readCondition(scanner: Scanner): IfCondition | undefined {
  const negated = /^not/i.test(scanner.text.slice(scanner.at, scanner.at + 3));
  if (negated) {
    scanner.at += 3;
    skipSpace(scanner);
  }
  if (scanner.text[scanner.at] === "<") {
    const token = readBetween(scanner, tokens);
    return token === undefined ? undefined : { negated, token };
  }
  if (scanner.text[scanner.at] !== "[") return undefined;
  // An entity tag may hold a `]`.
  const match = /^\[((?:W\/)?"[^"]*")\]/.exec(scanner.text.slice(scanner.at));
  if (!match) return undefined;
  scanner.at += match[0].length;
  return { negated, etag: match[1]! };
}

/** Nextcloud's desktop client writes a tag as people read it: with the spaces of the name. */
const tagged = /^<([^<>\s](?:[^<>\t\r\n]*[^<>\s])?)>/;
const tokens = /^<([^<>\s]+)>/;

function readBetween(scanner: Scanner, pattern: RegExp): string | undefined {
  const match = pattern.exec(scanner.text.slice(scanner.at));
  scanner.at += match?.[0].length ?? 0;
  return match?.[1];
}

function skipSpace(scanner: Scanner): void {
  while (/[ \t]/.test(scanner.text[scanner.at] ?? "")) scanner.at += 1;
}
