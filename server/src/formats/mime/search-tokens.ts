/** A run of letters, digits and marks is a token; a run of anything else separates. The whole of a text is such runs in turn. */
const run = /([\p{L}\p{N}\p{M}]+)|[^\p{L}\p{N}\p{M}]+/gu;

/** Stands between tokens, where no token has it, and between separators. */
export const betweenTokens = " ";
export const betweenSeparators = "a";
/** Stands between the runs of the header and those of the body. */
export const afterHeaderTokens = "\n";
export const afterHeaderSeparators = "z";

/** UTF-16 units after which others get their turn. */
const longPiece = 32 * 1024;

/** The distinct runs of some texts. */
export class SearchRuns {
  readonly tokens = new Set<string>();
  readonly separators = new Set<string>();
  /** UTF-16 units of all of them. */
  size = 0;

  /**
   * Takes in one text, given as `casemapPieces` gives it. Yields after long pieces, so that others get their turn.
   * @param limit of `size`; what is beyond is left out
   * @returns false when the limit was reached
   */
  *collect(pieces: Iterable<string>, limit: number): Generator<void, boolean> {
    // The last run may go on in the next piece.
    let open = "";
    for (const piece of pieces) {
      const text = open + piece;
      open = "";
      for (const match of text.matchAll(run)) {
        if (match.index + match[0].length === text.length) open = match[0];
        else this.#add(match[0], match[1] !== undefined);
      }
      if (this.size + open.length > limit) return false;
      if (piece.length >= longPiece) yield;
    }
    for (const match of open.matchAll(run)) this.#add(match[0], match[1] !== undefined);
    return true;
  }

  #add(text: string, isToken: boolean): void {
    const runs = isToken ? this.tokens : this.separators;
    if (runs.has(text)) return;
    runs.add(text);
    this.size += text.length + 1;
  }
}

/** What is kept of the runs of a header and of a body: each run stands between two delimiters. */
export function writeTokens(header: SearchRuns, body: SearchRuns): string {
  return delimited(header.tokens, betweenTokens) + afterHeaderTokens + delimited(body.tokens, betweenTokens);
}

export function writeSeparators(header: SearchRuns, body: SearchRuns): string {
  return (
    delimited(header.separators, betweenSeparators) +
    afterHeaderSeparators +
    delimited(body.separators, betweenSeparators)
  );
}

function delimited(runs: ReadonlySet<string>, delimiter: string): string {
  return runs.size === 0 ? delimiter : `${delimiter}${[...runs].join(delimiter)}${delimiter}`;
}

/** What must stand in `writeTokens` or `writeSeparators` of a text that contains what is sought. */
export interface Clue {
  readonly in: "tokens" | "separators";
  readonly text: string;
}

/** More would cost more than they leave out. */
const maxClues = 6;

/**
 * What the runs of a text tell of a sought text.
 * @param sought as `unicodeCasemap` gives it; not empty
 * @returns `decides`: the text stands where its clue does, and nowhere else, being one run
 */
export function searchClues(sought: string): { readonly clues: readonly Clue[]; readonly decides: boolean } {
  const runs = [...sought.matchAll(run)];
  const clues = runs.map((match, index): Clue => {
    const isToken = match[1] !== undefined;
    const delimiter = isToken ? betweenTokens : betweenSeparators;
    // The first and the last run may be a part of the text's.
    const before = index === 0 ? "" : delimiter;
    const after = index === runs.length - 1 ? "" : delimiter;
    return { in: isToken ? "tokens" : "separators", text: `${before}${match[0]}${after}` };
  });
  if (clues.length === 1) return { clues, decides: true };
  // Longer ones are rarer; a single space between two words tells nothing.
  const telling = clues.filter(({ text }) => text !== `${betweenSeparators} ${betweenSeparators}`);
  const chosen = telling.toSorted(
    (a, b) => Number(b.in === "tokens") - Number(a.in === "tokens") || b.text.length - a.text.length,
  );
  return { clues: chosen.slice(0, maxClues), decides: false };
}

/** What the name of a header field leaves in the tokens of a header: each of its tokens, whole. */
export function fieldNameClues(name: string): readonly Clue[] {
  const clues: Clue[] = [];
  for (const match of name.matchAll(run)) {
    if (match[1] !== undefined) clues.push({ in: "tokens", text: `${betweenTokens}${match[0]}${betweenTokens}` });
  }
  return clues.toSorted((a, b) => b.text.length - a.text.length).slice(0, maxClues);
}
