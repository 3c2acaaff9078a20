const folded = new Map<string, string>();

/**
 * A text as i;unicode-casemap compares it (RFC 5051): each character in one case, then decomposed, again until nothing changes, so that
 * "É" is the same however it is written. Characters that PostgreSQL's text or a list of texts cannot hold become U+FFFD, here and in
 * what is sought.
 */
export function unicodeCasemap(text: string): string {
  if (/^[\x01-\x7f]*$/.test(text)) return text.toUpperCase();
  return text
    .toWellFormed()
    .replace(/[^\x01-\x7f]/gu, foldedCharacter)
    .toUpperCase();
}

function foldedCharacter(character: string): string {
  const known = folded.get(character);
  if (known !== undefined) return known;
  const made = fold(character);
  // Characters are finite, but most of them are never seen.
  if (folded.size < 20_000) folded.set(character, made);
  return made;
}

function fold(character: string): string {
  if (character === "\0" || character === "\ufffe" || character === "\uffff") return "\ufffd";
  // Its only simple mapping would be to itself; the capital keeps `toUpperCase` from making two letters of it.
  if (character === "ß") return "ẞ";
  const upper = character.toUpperCase();
  // The mappings of UnicodeData.txt are from one character to one.
  const cased = isOneCharacter(upper) ? upper : character;
  // Syllables of Hangul have no decomposition in that file.
  const parts = cased >= "\uac00" && cased <= "\ud7a3" ? cased : cased.normalize("NFKD");
  return parts === cased ? cased : Array.from(parts, fold).join("");
}

function isOneCharacter(text: string): boolean {
  return text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff);
}

const pieceLength = 64 * 1024;

/** The same of a long text, in pieces, so that others get their turn in between. */
export function* casemapPieces(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + pieceLength, text.length);
    // Not between the halves of a pair.
    if (to < text.length && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to += 1;
    yield unicodeCasemap(text.slice(from, to));
    from = to;
  }
}
