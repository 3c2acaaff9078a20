import { BadSyntax } from "./bad-syntax.ts";

/** Encodes a mailbox name for a client that has not enabled IMAP4rev2 (RFC 3501 section 5.1.3). */
export function encodeModifiedUtf7(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === "&") return "&-";
    const bytes = Buffer.from(run, "utf16le").swap16();
    return `&${bytes.toString("base64").replace(/=+$/, "").replaceAll("/", ",")}-`;
  });
}

/**
 * Decodes a mailbox name in modified UTF-7. Characters outside ASCII are taken as they are: some clients
 * send raw UTF-8.
 * @throws BadSyntax for a shift sequence that is open, padded wrongly, or that hides printable ASCII or half a pair
 */
export function decodeModifiedUtf7(encoded: string): string {
  if (!encoded.includes("&")) return encoded;
  return encoded.replace(/&([^-]*)(-?)/g, (_all, base64: string, end: string) => {
    if (end === "") throw new BadSyntax("The mailbox name has an unfinished modified UTF-7 sequence.");
    if (base64 === "") return "&";
    return decodeShift(base64);
  });
}

function decodeShift(base64: string): string {
  const bytes = Buffer.from(base64.replaceAll(",", "/"), "base64");
  const text = bytes.length % 2 === 0 ? bytes.swap16().toString("utf16le") : "";
  // Encoding again refuses every other spelling of the same name: two spellings would be two names to a client.
  if (text === "" || !text.isWellFormed() || encodeModifiedUtf7(text) !== `&${base64}-`) {
    throw new BadSyntax("The mailbox name is not valid modified UTF-7.");
  }
  return text;
}
