import type { Random } from "../fuzz/random.ts";

const words =
  "conseil municipal délibération été ÉTÉ école l’école L'ÉCOLE aujourd’hui budget 2026 12:30 100% 1 250,50 € n°7 a_b x-y c:\\temp σοφός ΛΌΓΟΣ 日本語 テスト 😀 🎉 Straße œuvre ﬁn ç e\u0301te\u0301 <b> &amp; a@b.example https://x.example/?q=1&r=é -- ... = =20 ?= mot le de du la a".split(
    " ",
  );
const latinWords = "mairie août déjà vu «\u00a0oui\u00a0» Noël ça coût ÀÉÎ naïve pièce jointe 30 % à la carte".split(
  " ",
);
const between = [" ", " ", " ", " ", "  ", ", ", "; ", " – ", ".", "\t", "/", "(", ") ", "'"];
const blanks = [" ", "\t", "  ", " \t"];

/** Mails of all the kinds in which a text may hide: charsets, encodings, folds, encoded words, HTML, parts, mails in mails. */
export function variedMail(random: Random, index: number): Buffer {
  return Buffer.from(entity(random, 2, ownHeader(random, index)), "latin1");
}

function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function sentence(random: Random, from: readonly string[], length: number, ends: readonly string[] = between): string {
  let text = random.pick(from);
  for (let count = 1; count < length; count++) text += random.pick(ends) + random.pick(from);
  return text;
}

function ownHeader(random: Random, index: number): string[] {
  const line = (name: string, text: string): string => `${name}:${random.oneIn(8) ? "" : " "}${text}`;
  const lines = [
    line("From", address(random)),
    line(
      "To",
      Array.from({ length: 1 + random.below(4) }, () => address(random)).join(
        random.pick([", ", ",\r\n\t", ",\r\n  "]),
      ),
    ),
    line("Subject", headerValue(random)),
    line("Message-ID", `<${index}.Aa${random.below(1_000)}@x.example>`),
    "Date: Mon, 02 Feb 2026 10:00:00 +0100",
    line(random.pick(["X-Odd", "List-Id", "X-A", "Comments", "Keywords", "x-odd"]), headerValue(random)),
    line(
      "Received",
      `from a${random.below(9)}.example (a [192.0.2.${random.below(99)}])\r\n\tby b.example with ESMTPS;\r\n  Mon`,
    ),
  ];
  if (random.oneIn(3)) lines.push(line("Cc", address(random)));
  if (random.oneIn(4))
    lines.push(line("X-Raw", random.oneIn(2) ? utf8(sentence(random, words, 4)) : sentence(random, latinOnly, 4)));
  if (random.oneIn(6)) lines.push(line("X-Odd", headerValue(random)));
  return lines;
}

const latinOnly = latinWords.filter((word) => /^[\x20-\xff]+$/.test(word));

function address(random: Random): string {
  const email = `p${random.below(30)}@${random.pick(["bourg.example", "Val-Joli.example", "x.y.example"])}`;
  switch (random.below(5)) {
    case 0:
      return email;
    case 1:
      return `Paul Martin <${email}>`;
    case 2:
      return `"Martin, Paul (mairie)" <${email}>`;
    case 3:
      return `${encodedWords(random, sentence(random, latinWords, 2, [" "]))} <${email}>`;
    default:
      return `"${utf8("Hélène Ménard")}" <${email}>`;
  }
}

function headerValue(random: Random): string {
  const pieces = Array.from({ length: 1 + random.below(4) }, () =>
    random.oneIn(2)
      ? encodedWords(random, sentence(random, random.oneIn(2) ? words : latinWords, 1 + random.below(4)))
      : sentence(random, ["budget", "x-y", "100%", "a_b", "2026", "(mairie)", "mot"], 1 + random.below(4), [
          " ",
          "  ",
          ", ",
        ]),
  );
  return pieces.reduce((line, piece) => line + (random.oneIn(2) ? `\r\n${random.pick(blanks)}` : " ") + piece);
}

/** Words of one charset, cut at any byte. */
function encodedWords(random: Random, text: string): string {
  const fits = /^[\x20-\xff]*$/.test(text);
  const isLatin = fits && random.oneIn(2);
  const bytes = Buffer.from(text, isLatin ? "latin1" : "utf8");
  const encoding = random.pick(["B", "Q", "b", "q"]);
  const coded: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    const size = 3 + random.below(25);
    const piece = bytes.subarray(from, from + size);
    const inner =
      encoding.toLowerCase() === "b"
        ? piece.toString("base64")
        : Array.from(piece, (byte) =>
            byte === 32 ? "_" : /[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hex(byte),
          ).join("");
    coded.push(`=?${isLatin ? "ISO-8859-1" : "utf-8"}?${encoding}?${inner}?=`);
    from += size;
  }
  return coded.join(random.oneIn(3) ? "\r\n " : " ");
}

function hex(byte: number): string {
  return `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

function entity(random: Random, depth: number, header: readonly string[]): string {
  const kind = depth === 0 ? random.below(3) : random.below(7);
  if (kind < 3) return leaf(random, header);
  if (kind === 6) {
    const inside = entity(random, depth - 1, ownHeader(random, random.below(100)));
    return `${[...header, "Content-Type: message/rfc822"].join("\r\n")}\r\n\r\n${inside}`;
  }
  const boundary = `b${depth}.${random.below(1_000_000)}`;
  const parts = Array.from({ length: 1 + random.below(3) }, () => entity(random, depth - 1, partHeader(random)));
  const type = `Content-Type: multipart/${random.pick(["mixed", "alternative"])};\r\n\tboundary="${boundary}"`;
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("");
  return `${[...header, type].join("\r\n")}\r\n\r\nA preamble.\r\n${body}--${boundary}--\r\n`;
}

function partHeader(random: Random): string[] {
  const named = [
    'Content-Disposition: attachment; filename="compte rendu.txt"',
    "Content-Disposition: attachment;\r\n filename*=utf-8''d%C3%A9lib%C3%A9ration.pdf",
    `Content-Description: ${headerValue(random)}`,
    "Content-ID: <abc.def@x.example>",
  ];
  return random.oneIn(2) ? [random.pick(named)] : [];
}

function leaf(random: Random, header: readonly string[]): string {
  const html = random.oneIn(3);
  const isAttachment = random.oneIn(8);
  const isReport = !html && random.oneIn(8);
  const type = isAttachment
    ? "application/pdf"
    : isReport
      ? "message/delivery-status"
      : html
        ? "text/html"
        : "text/plain";
  const isLatin = random.oneIn(3);
  const text = html ? markup(random, isLatin) : plain(random, isLatin);
  const encoding = random.pick(["8bit", "base64", "quoted-printable", "Base64"]);
  const isWide = encoding.toLowerCase() === "base64" && random.oneIn(4);
  const charset = isWide ? "utf-16le" : isLatin ? "iso-8859-1" : "utf-8";
  const bytes = Buffer.from(text, isWide ? "utf16le" : isLatin ? "latin1" : "utf8");
  const lines = [...header, `Content-Type: ${type}; charset=${charset}`, `Content-Transfer-Encoding: ${encoding}`];
  return `${lines.join("\r\n")}\r\n\r\n${encode(random, bytes, encoding)}`;
}

function plain(random: Random, isLatin: boolean): string {
  const from = isLatin ? latinOnly : words;
  const lines = Array.from({ length: 1 + random.below(8) }, () => sentence(random, from, 1 + random.below(12)));
  return `${lines.join(random.pick(["\r\n", "\r\n", " \r\n", "\r\n\r\n"]))}\r\n`;
}

function markup(random: Random, isLatin: boolean): string {
  const from = (isLatin ? latinOnly : words).filter((word) => !/[<&]/.test(word));
  const pieces = Array.from({ length: 3 + random.below(10) }, () => {
    const text = sentence(random, from, 1 + random.below(5)).replace(/[<&]/g, "");
    return random.pick([
      text,
      `<p class="x">${text}</p>\r\n`,
      `<b>${text.slice(0, 1)}</b>${text.slice(1)}`,
      `<a href="https://x.example/${random.below(99)}">${text}</a>`,
      `${text}&nbsp;&eacute;t&eacute;&rsquo;&#8364;`,
      `<!-- ${text} -->`,
      `<style>p { color: red }</style>`,
      `<br>\r\n  ${text}`,
      `<em>${text}</em>`,
    ]);
  });
  return `<html><head><title>Titre</title></head><body>${pieces.join("")}</body></html>\r\n`;
}

function encode(random: Random, bytes: Buffer, encoding: string): string {
  if (encoding === "8bit") return bytes.toString("latin1");
  if (encoding.toLowerCase() === "base64") {
    const width = random.pick([76, 60, 7, 5]);
    return `${
      bytes
        .toString("base64")
        .match(new RegExp(`.{1,${width}}`, "g"))
        ?.join("\r\n") ?? ""
    }\r\n`;
  }
  let line = 0;
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    const isLineEnd = byte === 13 || byte === 10;
    const coded =
      isLineEnd || (/[ -<>-~]/.test(character) && byte !== 32)
        ? character
        : byte === 32 && !random.oneIn(6)
          ? " "
          : hex(byte);
    if (!isLineEnd && line > 10 && random.oneIn(20)) {
      text += "=\r\n";
      line = 0;
    }
    text += coded;
    line = isLineEnd ? 0 : line + coded.length;
  }
  // White space at the end of a line would be lost on the way.
  return text.replace(/[ \t]+(?=\r\n)/g, (run) => Array.from(run, (each) => hex(each.charCodeAt(0))).join(""));
}
