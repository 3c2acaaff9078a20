/** First letters of the first and last words of a name, at most two; of the address when there is no name. */
export function initialsOf(name: string): string {
  const words = name
    .replace(/@.*$/, "")
    .split(/[\s.\-_'’]+/u)
    .filter((word) => /\p{L}|\p{N}/u.test(word));
  const first = words[0] ?? "";
  const last = words.length > 1 ? (words.at(-1) ?? "") : "";
  return letter(first) + letter(last) || "?";
}

function letter(word: string): string {
  return (/\p{L}|\p{N}/u.exec(word)?.[0] ?? "").toLocaleUpperCase("fr");
}

/** One of the eight grounds, 1 to 8, always the same for the same text (FNV-1a). */
export function colorOf(seed: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < seed.length; at += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193) >>> 0;
  }
  return (hash % 8) + 1;
}
