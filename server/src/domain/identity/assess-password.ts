import { commonPasswords, commonWords, keyboardRows } from "./common-passwords.ts";

export type PasswordReason = "too_short" | "too_long" | "too_guessable" | "common" | "personal" | "same_as_current";

export interface PasswordAssessment {
  /** Estimated guessing entropy. */
  readonly bits: number;
  readonly acceptable: boolean;
  /** Empty when acceptable. */
  readonly reasons: PasswordReason[];
}

/** CNIL recommendation 2022-100, section 3: 50 bits where tries are slowed down, as ours are; 80 without. */
export const passwordPolicy = { minLength: 8, maxLength: 256, minBits: 50, targetBits: 80 } as const;

/**
 * Estimates how many guesses a password withstands. What a guesser tries first weighs little: common words, what is known of
 * the person, keyboard walks, runs, repetitions, years and dates. The rest counts as log2 of the alphabet it is drawn from.
 * @param personalWords names, addresses, organization: cut into words here
 */
export function assessPassword(password: string, personalWords: readonly string[] = []): PasswordAssessment {
  const text = password.normalize("NFKC");
  const characters = [...text];
  const reasons = new Set<PasswordReason>();
  if (characters.length < passwordPolicy.minLength) reasons.add("too_short");
  if (characters.length > passwordPolicy.maxLength) return { bits: 0, acceptable: false, reasons: ["too_long"] };

  const { folded, plain } = fold(characters);
  const personal = wordsOf(personalWords);
  const covers: Cover[] = [
    ...occurrences(plain, personal, 2, "personal"),
    ...occurrences(folded, personal, 3, "personal"),
    ...occurrences(plain, commonPasswords, 4, "common"),
    ...occurrences(folded, commonPasswords, 5, "common"),
    ...occurrences(plain, commonWords, 9, "common"),
    ...occurrences(folded, commonWords, 10, "common"),
    ...patterns(plain),
  ];
  const each = bitsPerCharacter(text);
  const { bits, used } = cheapest(characters.length, each, covers);
  const total = Math.min(bits, new Set(characters).size * 8);
  if (total < passwordPolicy.minBits) {
    for (const cover of used) if (cover.reason) reasons.add(cover.reason);
    if (reasons.size === 0) reasons.add("too_guessable");
  } else if (!reasons.has("too_short")) {
    reasons.clear();
  }
  return { bits: Math.round(total * 10) / 10, acceptable: reasons.size === 0, reasons: [...reasons] };
}

/** A stretch [from, to) that a guesser tries as one thing. */
interface Cover {
  from: number;
  to: number;
  bits: number;
  reason?: PasswordReason;
}

const substitutes: Record<string, string> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "8": "b",
  "@": "a",
  $: "s",
  "!": "i",
  "€": "e",
};

/** Two readings, character for character: without accents and capitals, and also with p@ssw0rd read as password. */
function fold(characters: readonly string[]): { plain: string; folded: string } {
  const bare = characters.map((character) => {
    const simple = character.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    return [...simple].length === 1 ? simple : character.toLowerCase().slice(0, 1);
  });
  return { plain: bare.join(""), folded: bare.map((character) => substitutes[character] ?? character).join("") };
}

function wordsOf(texts: readonly string[]): Set<string> {
  const words = new Set<string>();
  for (const text of texts) {
    const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const parts = plain.split(/[^a-z0-9]+/).filter((part) => part !== "");
    const joined = parts.join("");
    if (joined.length <= 40) words.add(joined);
    for (const part of parts) words.add(part);
  }
  return new Set([...words].filter((word) => word.length >= 3));
}

/** The words, and the same backwards, wherever they stand. */
function occurrences(text: string, words: ReadonlySet<string>, bits: number, reason: PasswordReason): Cover[] {
  const covers: Cover[] = [];
  const longest = 40;
  for (let from = 0; from < text.length; from++) {
    let piece = "";
    let backwards = "";
    for (let to = from; to < Math.min(text.length, from + longest); to++) {
      piece += text[to];
      backwards = text[to] + backwards;
      if (piece.length < 3) continue;
      if (words.has(piece)) covers.push({ from, to: to + 1, bits, reason });
      else if (piece.length > 3 && words.has(backwards)) covers.push({ from, to: to + 1, bits: bits + 1, reason });
    }
  }
  return covers;
}

function patterns(text: string): Cover[] {
  const covers: Cover[] = [];
  const all = (expression: RegExp, bits: number) => {
    for (const match of text.matchAll(expression)) {
      covers.push({ from: match.index, to: match.index + match[0].length, bits, reason: "common" });
    }
  };
  all(/(?:19|20)\d\d/g, 6); // a year
  all(/\d{1,2}[/.-]?\d{1,2}[/.-]?(?:(?:19|20)\d\d|\d\d)/g, 14); // a date
  all(/(.)\1{2,}/gu, 7);
  for (const match of text.matchAll(/(.{2,20}?)\1+/gu)) {
    // Said twice is hardly harder than said once.
    const unit = match[1]!.length;
    covers.push({ from: match.index + unit, to: match.index + match[0].length, bits: 2 });
  }
  for (const row of keyboardRows) {
    for (const walk of [row, [...row].reverse().join("")]) {
      for (let from = 0; from < text.length; from++) {
        let to = from;
        let at = walk.indexOf(text[from]!);
        while (at !== -1 && to < text.length && walk[at] === text[to]) {
          to++;
          at++;
        }
        if (to - from >= 3) covers.push({ from, to, bits: 6 + Math.log2(to - from), reason: "common" });
      }
    }
  }
  return covers;
}

function bitsPerCharacter(text: string): number {
  let alphabet = 0;
  if (/\p{Ll}|\p{Lo}/u.test(text)) alphabet += 26;
  if (/\p{Lu}/u.test(text)) alphabet += 26;
  if (/\p{N}/u.test(text)) alphabet += 10;
  if (/[^\p{L}\p{N}]/u.test(text)) alphabet += 33;
  return Math.log2(Math.max(alphabet, 2));
}

/** The cheapest way for a guesser to produce the whole: a shortest path over its stretches. */
function cheapest(length: number, each: number, covers: readonly Cover[]): { bits: number; used: Cover[] } {
  const best: { bits: number; previous: number; cover?: Cover }[] = [{ bits: 0, previous: -1 }];
  const ending = Map.groupBy(covers, (cover) => cover.to);
  for (let to = 1; to <= length; to++) {
    let choice: { bits: number; previous: number; cover?: Cover } = {
      bits: best[to - 1]!.bits + each,
      previous: to - 1,
    };
    for (const cover of ending.get(to) ?? []) {
      const bits = best[cover.from]!.bits + Math.min(cover.bits, each * (cover.to - cover.from));
      if (bits < choice.bits) choice = { bits, previous: cover.from, cover };
    }
    best.push(choice);
  }
  const used: Cover[] = [];
  for (let at = length; at > 0; at = best[at]!.previous) {
    const { cover } = best[at]!;
    if (cover) used.push(cover);
  }
  return { bits: best[length]!.bits, used };
}
