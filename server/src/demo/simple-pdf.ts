/** Bytes of the characters that WinAnsiEncoding has beyond Latin-1 and French uses. */
const winAnsi: Readonly<Record<string, number>> = { "€": 0x80, "…": 0x85, œ: 0x9c, Œ: 0x8c, "’": 0x92, "–": 0x96 };

function encode(text: string): Buffer {
  const bytes = [...text].map(
    (character) => winAnsi[character] ?? (character.codePointAt(0)! < 256 ? character.codePointAt(0)! : 0x3f),
  );
  return Buffer.from(bytes.flatMap((byte) => ([0x28, 0x29, 0x5c].includes(byte) ? [0x5c, byte] : [byte])));
}

/** A one-page A4 document in a standard font (ISO 32000-1), enough for a file of the demonstration to open everywhere. */
export function simplePdf(title: string, lines: readonly string[]): Buffer {
  const text = Buffer.concat([
    Buffer.from("BT /F2 20 Tf 56 770 Td ("),
    encode(title),
    Buffer.from(") Tj /F1 11 Tf 0 -18 Td 16 TL\n"),
    ...lines.flatMap((line) => [Buffer.from("T* ("), encode(line), Buffer.from(") Tj\n")]),
    Buffer.from("ET"),
  ]);
  const objects = [
    Buffer.from("<< /Type /Catalog /Pages 2 0 R >>"),
    Buffer.from("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
    Buffer.from(
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
    ),
    Buffer.concat([Buffer.from(`<< /Length ${text.length} >>\nstream\n`), text, Buffer.from("\nendstream")]),
    Buffer.from("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"),
    Buffer.from("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>"),
  ];
  const parts: Buffer[] = [Buffer.from("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "latin1")];
  let at = parts[0]!.length;
  const offsets: number[] = [];
  for (const [index, object] of objects.entries()) {
    const whole = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from("\nendobj\n")]);
    offsets.push(at);
    at += whole.length;
    parts.push(whole);
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}
