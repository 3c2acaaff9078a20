/**
 * Text for an unstructured header field or a display name: as it is when it is plain words, else in encoded words (RFC 2047) of at
 * most 75 characters, folded.
 */
export function encodeHeaderText(text: string): string {
  const line = text.replace(/[\p{Cc}]+/gu, " ");
  // No comma, dot or colon: they would have to be quoted in a display name.
  if (/^[A-Za-z0-9 !*+/_'-]{1,70}$/.test(line)) return line;
  const words: string[] = [];
  let bytes = 0;
  let word = "";
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (bytes + size > 42) {
      words.push(word);
      word = "";
      bytes = 0;
    }
    word += character;
    bytes += size;
  }
  words.push(word);
  return words.map((each) => `=?utf-8?B?${Buffer.from(each, "utf8").toString("base64")}?=`).join("\r\n ");
}
