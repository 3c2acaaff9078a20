const carriageReturn = 13;
const lineFeed = 10;

/** Makes every line end a CRLF: a CR or LF alone is one too. SMTP knows no other (RFC 5321 section 2.3.8). */
export async function* crlfLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let endsWithCr = false;
  for await (const chunk of chunks) {
    const pieces: string[] = [];
    let text = chunk.toString("latin1");
    if (endsWithCr && chunk[0] === lineFeed) {
      pieces.push("\n");
      text = text.slice(1);
    } else if (endsWithCr) {
      pieces.push("\n");
    }
    endsWithCr = chunk[chunk.length - 1] === carriageReturn;
    pieces.push(endsWithCr ? `${fixed(text.slice(0, -1))}\r` : fixed(text));
    yield Buffer.from(pieces.join(""), "latin1");
  }
  if (endsWithCr) yield Buffer.from("\n");
}

function fixed(text: string): string {
  return text.replace(/\r\n|\r|\n/g, "\r\n");
}
