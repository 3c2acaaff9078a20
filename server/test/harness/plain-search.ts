/**
 * An exact search as plainly as it can be written, for comparison: it shares no code with the program, knows no index and no limits, and
 * reads well-formed messages only.
 */
export interface PlainMessage {
  /** In which TEXT looks besides `body`. */
  readonly header: readonly string[];
  readonly body: readonly string[];
  /** The texts of each field of the message's own header. */
  readonly fields: readonly { readonly name: string; readonly texts: readonly string[] }[];
  /** All texts as they are; the others are folded. */
  readonly written: readonly string[];
}

export function fold(text: string): string {
  let folded = "";
  for (const character of text) folded += foldCharacter(character);
  return folded;
}

function foldCharacter(character: string): string {
  if (character === "\0") return "\ufffd";
  if (character === "ß") return "ẞ";
  const upper = character.toUpperCase();
  const one = [...upper].length === 1 ? upper : character;
  const parts = /[\uac00-\ud7a3]/.test(one) ? one : one.normalize("NFKD");
  return parts === one ? one : [...parts].map(foldCharacter).join("");
}

/** @param texts given back by `readPlainly`, folded */
export function contains(texts: readonly string[], needle: string): boolean {
  const folded = fold(needle);
  return texts.some((text) => text.includes(folded));
}

export function readPlainly(message: Buffer): PlainMessage {
  const header: string[] = [];
  const body: string[] = [];
  const fields = readEntity(message.toString("latin1"), header, body);
  return {
    header: header.map(fold),
    body: body.map(fold),
    fields: fields.map(({ name, texts }) => ({ name, texts: texts.map(fold) })),
    written: [...header, ...body],
  };
}

/** @param entity in latin1 */
function readEntity(entity: string, header: string[], body: string[]): PlainMessage["fields"] {
  const blank = entity.startsWith("\r\n") ? 0 : entity.indexOf("\r\n\r\n") + 2;
  const head = entity.slice(0, blank + 2);
  const content = entity.slice(blank + 2);
  const written = head.match(/[^\r\n][\s\S]*?\r\n(?![ \t])/g) ?? [];
  header.push(`${written.map(decodeRaw).join("")}\r\n`);
  const fields = written.map((line) => {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = decodeRaw(line.slice(colon + 1));
    const [texts, shown] = [valueTexts(value), shownTexts(name.toLowerCase(), value)];
    header.push(...texts.map((text) => `${name}:${text}`), ...shown);
    return { name: name.toLowerCase(), texts: [...texts, ...shown] };
  });
  const value = (name: string): string =>
    fields
      .find((field) => field.name === name)
      ?.texts[0]?.replaceAll("\r\n", "")
      .trim() ?? "";
  const type = (value("content-type") || "text/plain").toLowerCase();
  const boundary = /boundary="?([^";]+)"?/i.exec(value("content-type"))?.[1];
  if (type.startsWith("multipart/") && boundary !== undefined) {
    const escaped = boundary.replace(/[^\w]/g, "\\$&");
    // The delimiter that closes leaves a "--" between what it parts.
    const pieces = `\r\n${content}`.split(new RegExp(`\\r\\n--${escaped}(--)?[ \\t]*(?=\\r\\n|$)`));
    for (let index = 1; index < pieces.length && pieces[index] !== "--"; index += 2) {
      readEntity(pieces[index + 1]!.slice(2), header, body);
    }
  } else if (type.startsWith("message/rfc822") && !/base64|quoted/i.test(value("content-transfer-encoding"))) {
    readEntity(content, header, body);
  } else if (type.startsWith("text/") || type.startsWith("message/")) {
    const bytes = decodeTransfer(content, value("content-transfer-encoding").toLowerCase());
    const charset = /charset="?([^";\s]+)"?/i.exec(value("content-type"))?.[1];
    const text = charset === undefined ? decodeRaw(bytes) : decodeCharset(bytes, charset);
    body.push(text);
    if (type.startsWith("text/html")) body.push(asRead(text));
  }
  return fields;
}

/** As it stands, with the ends of its lines removed, with one space for a fold, decoded. */
function valueTexts(value: string): string[] {
  const line = value.replace(/\r\n$/, "");
  const spaced = line.replace(/[ \t]*\r\n[ \t]*/g, " ");
  return [value, line.replaceAll("\r\n", ""), spaced, decodeWords(spaced)];
}

/** Addresses and file names without what is around them. */
function shownTexts(name: string, value: string): string[] {
  const line = value.replace(/\r\n$/, "");
  const spaced = line.replace(/[ \t]*\r\n[ \t]*/g, " ");
  const texts: string[] = [];
  if (/^(from|sender|reply-to|to|cc|bcc)$/.test(name)) {
    let shown = "";
    const characters = [...decodeWords(spaced)];
    for (let index = 0; index < characters.length; index++) {
      if (characters[index] === "\\") index += 1;
      else if (characters[index] === '"') continue;
      shown += characters[index] ?? "\\";
    }
    texts.push(shown);
  }
  if (name === "content-type" || name === "content-disposition") {
    for (const [, charset, encoded] of line.replaceAll("\r\n", "").matchAll(/name\*=([\w-]+)''([^;]+)/g)) {
      const bytes = encoded!.replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
      texts.push(decodeCharset(bytes, charset!));
    }
    for (const [, named] of spaced.matchAll(/name="([^"]*)"/g)) texts.push(decodeWords(named!));
  }
  return texts;
}

function decodeRaw(latin1: string): string {
  const bytes = Buffer.from(latin1, "latin1");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function decodeCharset(latin1: string, charset: string): string {
  return new TextDecoder(charset).decode(Buffer.from(latin1, "latin1"));
}

function decodeTransfer(content: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(content, "base64").toString("latin1");
  return encoding === "quoted-printable" ? decodeQuoted(content) : content;
}

function decodeQuoted(content: string): string {
  return content
    .replace(/[ \t]+(?=\r\n)/g, "")
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Words that stand beside each other are one run of bytes. */
function decodeWords(text: string): string {
  const word = /=\?([\w-]+)\?([bq])\?([^?]*)\?=/gi;
  const joined = text.replace(/(=\?[\w-]+\?[bqBQ]\?[^?]*\?=)\s+(?==\?[\w-]+\?[bqBQ]\?[^?]*\?=)/g, "$1");
  return joined.replace(/(?:=\?[\w-]+\?[bqBQ]\?[^?]*\?=)+/g, (words) => {
    const decoded: { charset: string; bytes: string }[] = [];
    for (const [, charset, encoding, coded] of words.matchAll(word)) {
      const bytes =
        encoding!.toLowerCase() === "b"
          ? Buffer.from(coded!, "base64").toString("latin1")
          : decodeQuoted(coded!.replaceAll("_", " ").replace(/ /g, "=20"));
      const last = decoded.at(-1);
      if (last?.charset === charset) last!.bytes += bytes;
      else decoded.push({ charset: charset!, bytes });
    }
    return decoded.map(({ charset, bytes }) => decodeCharset(bytes, charset)).join("");
  });
}

/** The words that a reader of HTML sees, in the few forms of HTML that are compared. */
function asRead(html: string): string {
  return (
    html
      .replace(/<(style|script|head|title)\b[\s\S]*?<\/\1>/gi, "\n")
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/<\/?(a|b|em|i|span|strong|font|u)\b[^>]*>/gi, "")
      .replace(/<[^>]*>/g, "\n")
      .replace(/&(\w+|#\d+);/g, (whole, name) => entities.get(name) ?? whole)
      .replace(/[\u00ad\u200b]/g, "")
      // White space, and characters that nobody sees.
      .replace(/[\s\p{Cc}]+/gu, " ")
      .trim()
  );
}

const entities = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["nbsp", "\u00a0"],
  ["eacute", "é"],
  ["agrave", "à"],
  ["rsquo", "’"],
  ["#8364", "€"],
]);
