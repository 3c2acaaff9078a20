/**
 * One address as IMAP sees it (RFC 9051 §7.5.2). A group is a start marker (host null, mailbox its name), its members,
 * then an end marker (host and mailbox null).
 */
export interface EnvelopeAddress {
  /** Display name without quotes; encoded words are left as they are. */
  name: string | null;
  /** Obsolete source route. */
  adl: string | null;
  /** Local part, unquoted. */
  mailbox: string | null;
  /** Empty when the address has no domain; null only in group markers. */
  host: string | null;
}

interface Token {
  kind: "word" | "dot" | "at";
  text: string;
  /** White space or a comment stands before it. */
  spaced: boolean;
}

const maxAddresses = 10_000;
const noEnd = -1;
const nextOpens = -2;
const encodedWord = /=\?[^?\s]{1,75}\?[bBqQ]\?[^?\s]*\?=/y;
const atom = /[^\s"(),.:;<>@[\]]+/y;

/**
 * Parses an address list (RFC 5322 §3.4 and §4.4, UTF-8 of RFC 6532): groups, comments, quoted strings, source routes, and what
 * senders get wrong (missing quotes, commas in encoded words, semicolons between addresses, unclosed brackets).
 * Never throws; linear time; stops after 10,000 addresses.
 */
export function parseAddresses(text: string): EnvelopeAddress[] {
  return new AddressParser(text).run();
}

class AddressParser {
  readonly #text: string;
  readonly #list: EnvelopeAddress[] = [];
  #tokens: Token[] = [];
  #angle: string | null = null;
  #comment: string | null = null;
  #inGroup = false;
  #spaced = false;
  // Once a search for the end of a construct has failed it is not repeated: that keeps the parser linear.
  #quotesClose = true;
  #commentsClose = true;
  #anglesClose = true;

  constructor(text: string) {
    this.#text = text;
  }

  run(): EnvelopeAddress[] {
    const text = this.#text;
    let position = 0;
    while (position < text.length && this.#list.length < maxAddresses) position = this.#step(position);
    this.#flush();
    this.#endGroup();
    return this.#list;
  }

  #step(position: number): number {
    const char = this.#text[position]!;
    switch (char) {
      case ",":
        this.#flush();
        return position + 1;
      case ";":
        this.#flush();
        this.#endGroup();
        return position + 1;
      case ":":
        this.#startGroup();
        return position + 1;
      case '"':
        return this.#takeQuoted(position);
      case "(":
        return this.#takeComment(position);
      case "<":
        return this.#takeAngle(position);
      case "[":
        return this.#takeLiteral(position);
      case ".":
        return this.#add("dot", ".", position + 1);
      case "@":
        return this.#add("at", "@", position + 1);
      default:
        return this.#takeAtom(position);
    }
  }

  #add(kind: Token["kind"], text: string, next: number): number {
    this.#tokens.push({ kind, text, spaced: this.#spaced });
    this.#spaced = false;
    return next;
  }

  #takeAtom(position: number): number {
    if (this.#text[position] === "=") {
      encodedWord.lastIndex = position;
      const word = encodedWord.exec(this.#text);
      if (word) return this.#add("word", word[0], position + word[0].length);
    }
    atom.lastIndex = position;
    const match = atom.exec(this.#text);
    if (match) return this.#add("word", match[0], position + match[0].length);
    // White space, or a stray ")" "]" ">".
    this.#spaced = true;
    return position + 1;
  }

  #takeQuoted(position: number): number {
    const quoted = this.#quotesClose ? readQuoted(this.#text, position) : null;
    if (quoted === null) {
      this.#quotesClose = false;
      return position + 1;
    }
    return this.#add("word", quoted.value, quoted.end);
  }

  #takeComment(position: number): number {
    const comment = this.#commentsClose ? readComment(this.#text, position) : null;
    if (comment === null) this.#commentsClose = false;
    else if (comment.value !== "") this.#comment = comment.value;
    this.#spaced = true;
    return comment === null ? position + 1 : comment.end;
  }

  #takeLiteral(position: number): number {
    const end = this.#text.slice(position, position + 100).search(/[\]\s,;>]/);
    if (end > 0 && this.#text[position + end] === "]") {
      return this.#add("word", this.#text.slice(position, position + end + 1), position + end + 1);
    }
    this.#spaced = true;
    return position + 1;
  }

  #takeAngle(position: number): number {
    if (this.#angle !== null) this.#flush();
    let start = position + 1;
    while (this.#text[start] === "<") start++;
    let end = this.#anglesClose ? this.#findAngleEnd(start) : noEnd;
    let next = end + 1;
    if (end < 0) {
      if (end === noEnd) this.#anglesClose = false;
      const stop = this.#text.slice(start, start + 1000).search(/[,;<]/);
      end = stop < 0 ? Math.min(start + 1000, this.#text.length) : start + stop;
      next = end;
    }
    this.#angle = this.#text.slice(start, end);
    this.#spaced = true;
    return next;
  }

  #findAngleEnd(start: number): number {
    for (let i = start; i < this.#text.length; i++) {
      const char = this.#text[i];
      if (char === ">") return i;
      if (char === "<") return nextOpens;
      if (char === '"' && this.#quotesClose) {
        const quoted = readQuoted(this.#text, i);
        if (quoted === null) this.#quotesClose = false;
        else i = quoted.end - 1;
      }
    }
    return noEnd;
  }

  #startGroup(): void {
    // Checked before the phrase is joined: a line of nothing but colons would cost its square.
    const name = this.#inGroup || this.#angle !== null ? "" : phrase(this.#tokens);
    if (name === "") {
      this.#spaced = true;
      return;
    }
    this.#list.push({ name: null, adl: null, mailbox: name, host: null });
    this.#inGroup = true;
    this.#reset();
  }

  #endGroup(): void {
    if (this.#inGroup) this.#list.push({ name: null, adl: null, mailbox: null, host: null });
    this.#inGroup = false;
  }

  #flush(): void {
    if (this.#angle !== null) {
      this.#list.push({ name: phrase(this.#tokens) || this.#comment, ...readAddrSpec(this.#angle) });
    } else if (this.#tokens.length > 0) {
      this.#list.push(bareAddress(this.#tokens, this.#comment));
    }
    this.#reset();
  }

  #reset(): void {
    this.#tokens = [];
    this.#angle = null;
    this.#comment = null;
    this.#spaced = false;
  }
}

function phrase(tokens: readonly Token[]): string {
  let text = "";
  for (const token of tokens) text += token.spaced && text !== "" ? ` ${token.text}` : token.text;
  return text;
}

/** An address without angle brackets; words that do not touch it are its name: `Jean Dupont jean@example.fr`. */
function bareAddress(tokens: readonly Token[], comment: string | null): EnvelopeAddress {
  const at = tokens.findLastIndex((token) => token.kind === "at");
  if (at < 0) return { name: comment, adl: null, mailbox: phrase(tokens), host: "" };
  let start = at;
  while (start > 0) {
    const before = tokens[start - 1]!;
    const token = tokens[start]!;
    const glued = !token.spaced || start === at || token.kind === "dot" || before.kind === "dot";
    if (!glued) break;
    start--;
  }
  let end = at + 1;
  while (end < tokens.length) {
    const token = tokens[end]!;
    if (token.spaced && end !== at + 1 && token.kind !== "dot" && tokens[end - 1]!.kind !== "dot") break;
    end++;
  }
  const join = (from: number, to: number): string => {
    let text = "";
    for (let i = from; i < to; i++) text += tokens[i]!.text;
    return text;
  };
  const name = phrase([...tokens.slice(0, start), ...tokens.slice(end)]);
  return { name: name || comment, adl: null, mailbox: join(start, at), host: join(at + 1, end) };
}

function readAddrSpec(content: string): Omit<EnvelopeAddress, "name"> {
  let text = content.trim();
  let adl: string | null = null;
  if (text.startsWith("@")) {
    const colon = text.indexOf(":");
    if (colon > 0) {
      adl = text.slice(0, colon).replace(/\s+/g, "");
      text = text.slice(colon + 1);
    }
  }
  let result = "";
  let at = -1;
  let quotesClose = true;
  let commentsClose = true;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    const quoted = char === '"' && quotesClose ? readQuoted(text, i) : null;
    const comment = char === "(" && commentsClose ? readComment(text, i) : null;
    if (quoted) {
      result += quoted.value;
      i = quoted.end - 1;
    } else if (comment) {
      i = comment.end - 1;
    } else if (char === '"') {
      quotesClose = false;
    } else if (!/\s/.test(char)) {
      if (char === "(") commentsClose = false;
      if (char === "@") at = result.length;
      result += char;
    }
  }
  if (at < 0) return { adl, mailbox: result, host: "" };
  return { adl, mailbox: result.slice(0, at), host: result.slice(at + 1) };
}

function readQuoted(text: string, start: number): { value: string; end: number } | null {
  let value = "";
  let runStart = start + 1;
  for (let i = runStart; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return { value: value + text.slice(runStart, i), end: i + 1 };
    if (code === 0x5c && i + 1 < text.length) {
      value += text.slice(runStart, i);
      runStart = i + 1;
      i++;
    }
  }
  return null;
}

function readComment(text: string, start: number): { value: string; end: number } | null {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x28) depth++;
    else if (code === 0x29 && --depth === 0) {
      return {
        value: text
          .slice(start + 1, i)
          .replace(/\\(.)/g, "$1")
          .trim(),
        end: i + 1,
      };
    }
  }
  return null;
}
