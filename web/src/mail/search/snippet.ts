export interface SnippetPart {
  readonly text: string;
  readonly isMatch: boolean;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

function decode(html: string): string {
  return html.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name) return entities[(name as string).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex as string, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Reads a SearchSnippet (RFC 8621 section 5): escaped text with `<mark>`. Any other tag is only text: nothing is put in the page as HTML. */
export function readSnippet(html: string): SnippetPart[] {
  const parts: SnippetPart[] = [];
  let isMatch = false;
  for (const piece of html.split(/(<\/?mark>)/i)) {
    if (/^<mark>$/i.test(piece)) isMatch = true;
    else if (/^<\/mark>$/i.test(piece)) isMatch = false;
    else if (piece !== "") parts.push({ text: decode(piece), isMatch });
  }
  return parts;
}
