/** A string of a response: quoted when it is short and of one line, else a literal (RFC 5804 section 4). */
export function writeString(text: string): string {
  const size = Buffer.byteLength(text);
  if (size > 1024 || /[\r\n\0]/.test(text)) return `{${size}}\r\n${text}`;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
