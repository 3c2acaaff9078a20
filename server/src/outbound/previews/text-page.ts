const width = 620;
const height = 806;
const margin = 40;
const lineHeight = 24;
const columns = 56;
const rows = Math.floor((height - 2 * margin) / lineHeight);

/**
 * The beginning of a text as a drawing of a page.
 * @throws Error for what is no text
 */
export function textPage(bytes: Buffer): string {
  const lines = decodeText(bytes)
    .split(/\r\n|\r|\n/)
    .flatMap(wrap)
    .slice(0, rows);
  const drawn = lines.map(
    (line, at) =>
      `<text x="${margin}" y="${margin + (at + 1) * lineHeight}" xml:space="preserve">${escapeXml(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<g font-family="DejaVu Sans Mono, Liberation Mono, monospace" font-size="16" fill="#26241f">${drawn.join("\n")}</g></svg>`;
}

/** UTF-8, UTF-16 with its mark, else Windows-1252. */
function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return tidy(new TextDecoder("utf-16le").decode(bytes));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return tidy(new TextDecoder("utf-16be").decode(bytes));
  if (bytes.includes(0)) throw new Error("It is no text");
  try {
    // It may have been cut within a character.
    return tidy(new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }));
  } catch {
    return tidy(new TextDecoder("windows-1252").decode(bytes));
  }
}

/** What XML cannot hold (XML 1.0 section 2.2), and what turns lines around. */
function tidy(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u202a-\u202e\u2066-\u2069]/gu, "");
}

function wrap(line: string): string[] {
  const characters = [...line.replaceAll("\t", "    ").slice(0, columns * rows * 2)];
  if (characters.length <= columns) return [characters.join("")];
  const pieces: string[] = [];
  for (let at = 0; at < characters.length && pieces.length < rows; at += columns) {
    pieces.push(characters.slice(at, at + columns).join(""));
  }
  return pieces;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
