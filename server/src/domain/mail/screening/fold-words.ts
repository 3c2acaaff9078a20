const ligatures: Readonly<Record<string, string>> = { œ: "oe", æ: "ae", ß: "ss", ø: "o", ł: "l", đ: "d" };
const elided = /^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu)'(?=[\p{L}\p{N}])/u;
const invisible = /[\p{Cf}\u115f\u1160]/gu;

/** Letters in a word, beyond which it says more by its length than by itself. */
const longest = 25;

/**
 * The words of a text as the classifier compares them: without accents, ligatures and French elisions, in lower case, a plural
 * ending dropped (`l’impôt`, `impots` and `IMPÔTS` are one word); characters that are not seen and only break words are removed.
 * Words of one or two letters are left out; of very long ones only the length is kept. Never throws; linear.
 */
export function foldWords(text: string): string[] {
  const folded = text
    .replace(invisible, "")
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[œæßøłđ]/g, (letter) => ligatures[letter]!)
    .replace(/[’ʼ`´]/g, "'");
  const words: string[] = [];
  for (const [found] of folded.matchAll(/[\p{L}\p{N}€$](?:[\p{L}\p{N}€$'_-]*[\p{L}\p{N}€$])?/gu)) {
    let word = found;
    for (let n = 0; n < 2; n++) word = word.replace(elided, "");
    if (word.length > longest) words.push(`long:${Math.min(10, Math.floor(word.length / 10))}`);
    else if (word.length > 4 && /[^s][sx]$/.test(word)) words.push(word.slice(0, -1));
    else if (word.length >= 3 || /[€$]/.test(word)) words.push(word);
  }
  return words;
}
