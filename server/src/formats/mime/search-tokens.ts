/** What a token is made of; anything else ends it. */
const token = /[\p{L}\p{N}\p{M}]+/gu;
/** Texts are taken in pieces of this length, so that others have a turn in between. */
const pieceLength = 64 * 1024;

/**
 * The runs of letters, digits and marks in a text, each once. A sought text that is made of such characters alone stands in the text
 * exactly if it stands in one of them.
 */
export function* collectTokens(text: string, tokens: Set<string>): Generator<void> {
  for (let from = 0; from < text.length; ) {
    const to = endOfPiece(text, from);
    for (const [each] of text.slice(from, to).matchAll(token)) tokens.add(each);
    from = to;
    if (from < text.length) yield;
  }
}

/** A piece ends where a token does; one that is longer than a piece makes it longer. */
function endOfPiece(text: string, from: number): number {
  let to = Math.min(from + pieceLength, text.length);
  while (to < text.length && !/[\s\x00-\x2f]/.test(text[to]!)) to += 1;
  return to;
}

/** Whether tokens alone decide where this stands. */
export function isTokenText(text: string): boolean {
  return /^[\p{L}\p{N}\p{M}]+$/u.test(text);
}

/** The longest token of a sought text: whatever contains the text has a token that contains this. Empty when there is none. */
export function longestToken(text: string): string {
  return (text.match(token) ?? []).reduce((best, each) => (each.length > best.length ? each : best), "");
}

/**
 * Whether the text has one lower case, whoever writes it: dotted I and the sigma at the end of a word are lowered differently by
 * JavaScript and by PostgreSQL.
 */
export function hasPlainCase(text: string): boolean {
  return !/İ|Σ|σ|ς|\u0307/u.test(text);
}
