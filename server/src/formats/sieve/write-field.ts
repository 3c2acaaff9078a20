import { isAddressField } from "./field-names.ts";

/** A field with its line end, folded at white space before 78 characters where it can be (RFC 5322 section 2.2.3). */
export function writeField({ name, value }: { readonly name: string; readonly value: string }): string {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of encodeValue(name, value).split(/(?=[ \t])/)) {
    const piece = line === `${name}:` && !/^[ \t]/.test(word) ? ` ${word}` : word;
    if (line.length + piece.length > 76 && line.trim() !== `${name}:` && piece.trim() !== "") {
      lines.push(line);
      line = piece;
    } else line += piece;
  }
  lines.push(line);
  return `${lines.join("\r\n")}\r\n`;
}

const plain = /^[\x20-\x7e\t]*$/;

/** Values are often structured, so what is ASCII stays as it is; the rest becomes encoded words (RFC 2047), each of whole characters. */
function encodeValue(name: string, value: string): string {
  if (plain.test(value)) return value;
  return isAddressField(name) ? encodeAddresses(value) : encodeWords(value);
}

const quoted = /"(?:[^"\\]|\\.)*"/y;
const comment = /\((?:[^()\\]|\\.)*\)/y;
const bracketed = /<[^<>]*>/y;
const atoms = /[^"(<,:;]+/y;

/** Only the words of a phrase and of a comment may be encoded, never an address (RFC 2047 section 5). */
function encodeAddresses(value: string): string {
  let written = "";
  let phrase: string[] = [];
  const endPhrase = (): void => {
    written += encodePhrase(phrase);
    phrase = [];
  };
  // What is opened and not closed is sought once, so that the time grows with the length alone.
  const unclosed = new Set<RegExp>();
  for (let at = 0; at < value.length; ) {
    const next = (pattern: RegExp): string | undefined => {
      if (unclosed.has(pattern)) return undefined;
      pattern.lastIndex = at;
      const found = pattern.exec(value)?.[0];
      if (found === undefined) unclosed.add(pattern);
      return found;
    };
    const first = value[at]!;
    const piece =
      (first === '"' ? next(quoted) : first === "(" ? next(comment) : first === "<" ? next(bracketed) : undefined) ??
      (/["(<,:;]/.test(first) ? first : next(atoms)) ??
      first;
    at += piece.length;
    if (piece.startsWith('"') || !/^[(<,:;]/.test(piece)) phrase.push(piece);
    else {
      endPhrase();
      const inner = piece.slice(1, -1);
      written += piece.startsWith("(") && !plain.test(piece) ? `(${encodeWords(inner)})` : piece;
    }
  }
  endPhrase();
  return written;
}

function encodePhrase(pieces: readonly string[]): string {
  const text = pieces.join("");
  const isAddress = pieces.some((piece) => !piece.startsWith('"') && piece.includes("@"));
  if (plain.test(text) || isAddress) return text;
  const words = pieces
    .map((piece) => (piece.startsWith('"') ? piece.slice(1, -1).replace(/\\(.)/g, "$1") : piece))
    .join("");
  const inner = words.trim();
  const start = words.indexOf(inner);
  return words.slice(0, start) + encodeWords(inner) + words.slice(start + inner.length);
}

function encodeWords(value: string): string {
  const words: string[] = [];
  let word = "";
  for (const character of value) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  words.push(word);
  return words.map((each) => `=?utf-8?B?${Buffer.from(each, "utf8").toString("base64")}?=`).join(" ");
}
