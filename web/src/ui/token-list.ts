/**
 * Cuts a pasted or typed list at commas, semicolons, tabs and line ends, leaving alone those inside quotes or angle
 * brackets: `"Lemoigne, Sylvie" <s@x.example>; t@x.example`. Empty parts are dropped.
 */
export function splitTokens(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  let bracketed = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quoted && char === "\\" && at + 1 < text.length) {
      part += char + text[at + 1];
      at += 1;
      continue;
    }
    if (char === '"') quoted = !quoted;
    else if (!quoted && char === "<") bracketed = true;
    else if (!quoted && char === ">") bracketed = false;
    const isLineEnd = char === "\n" || char === "\r";
    if (isLineEnd || (!quoted && !bracketed && /[,;\t]/.test(char))) {
      parts.push(part);
      part = "";
      // A line end closes what was left open: one bad line must not swallow the others.
      if (isLineEnd) quoted = bracketed = false;
    } else part += char;
  }
  parts.push(part);
  return parts.map((piece) => piece.trim()).filter((piece) => piece !== "");
}

/** Whether each word of what is typed is in the suggestion; accents and case do not count. */
export function fits(item: { id: string; label: string; secondary?: string }, typed: string): boolean {
  const folded = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const offered = folded(`${item.label} ${item.secondary ?? ""} ${item.id}`);
  return folded(typed)
    .split(/\s+/)
    .every((word) => offered.includes(word));
}
