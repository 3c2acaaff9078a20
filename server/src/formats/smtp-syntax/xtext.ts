/**
 * Decodes xtext (RFC 3461 section 4): `+` and two hexadecimal digits stand for a byte.
 * @returns undefined when it is malformed
 */
export function decodeXtext(text: string): string | undefined {
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/.test(text)) return undefined;
  return text.replace(/\+([0-9A-F]{2})/g, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Encodes what must not stand as such in xtext (RFC 3461 section 4). ASCII only. */
export function encodeXtext(text: string): string {
  return text.replace(
    /[^!-*,-<>-~]/g,
    (character) => `+${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
