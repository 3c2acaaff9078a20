export interface TextBlock {
  readonly isQuote: boolean;
  readonly text: string;
}

/**
 * Joins the lines that format=flowed (RFC 3676) had broken. Quote marks are kept, one space after them.
 * @param delSp whether the space at the end of a flowed line goes too
 */
export function unflow(text: string, delSp: boolean): string {
  const lines: string[] = [];
  let open: { depth: number; text: string } | null = null;
  const close = () => {
    if (open) lines.push(quoted(open.depth, open.text));
    open = null;
  };
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    const depth = /^>*/.exec(line)?.[0].length ?? 0;
    const content = line.slice(depth).replace(/^ /, "");
    // A signature's separator looks flowed and is not (section 4.3).
    const isFlowed = content.endsWith(" ") && content !== "-- ";
    if (open && (open as { depth: number }).depth !== depth) close();
    if (content === "-- ") close();
    const before: string = open ? (open as { text: string }).text : "";
    const whole = before + content;
    if (isFlowed) open = { depth, text: delSp ? whole.slice(0, -1) : whole };
    else {
      open = null;
      lines.push(quoted(depth, whole));
    }
  }
  close();
  return lines.join("\n");
}

function quoted(depth: number, text: string): string {
  return depth === 0 ? text : `${">".repeat(depth)} ${text}`;
}

/** Cuts a text where quoting begins and ends. Blank lines at the edges of a block go. */
export function splitQuotes(text: string): TextBlock[] {
  const blocks: { isQuote: boolean; lines: string[] }[] = [];
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    const isQuote = line.startsWith(">");
    const last = blocks.at(-1);
    if (last?.isQuote === isQuote) last.lines.push(line);
    else blocks.push({ isQuote, lines: [line] });
  }
  return blocks
    .map(({ isQuote, lines }) => ({ isQuote, text: lines.join("\n").replace(/^(?:[ \t]*\n)+|\s+$/g, "") }))
    .filter((block) => block.text !== "");
}

export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

const link = /\b(?:https?:\/\/|www\.)[^\s<>"«»\u00a0]+|\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+\b/giu;

/** Finds addresses of pages and of mail. What ends a sentence does not belong to the address. */
export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(link)) {
    const found = trimAddress(match[0]);
    if (found === "") continue;
    if (match.index > at) parts.push({ text: text.slice(at, match.index) });
    parts.push({ text: found, href: hrefOf(found) });
    at = match.index + found.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

function hrefOf(found: string): string {
  if (/^https?:/i.test(found)) return found;
  return /^www\./i.test(found) ? `http://${found}` : `mailto:${found}`;
}

function trimAddress(address: string): string {
  let end = address.length;
  while (end > 0) {
    const char = address[end - 1] as string;
    const isOpened = char === ")" && count(address, "(", end) >= count(address, ")", end);
    if (!/[.,;:!?'’)\]}*_]/.test(char) || isOpened) break;
    end -= 1;
  }
  return address.slice(0, end);
}

function count(text: string, char: string, end: number): number {
  return text.slice(0, end).split(char).length - 1;
}
