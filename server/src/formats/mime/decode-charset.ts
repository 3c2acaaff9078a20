import { isUtf8 } from "node:buffer";
import { createDecodeStream, decode as decodeWithLibmime, normalizeCharset } from "libmime/lib/charset.js";

const windows1252 = new TextDecoder("windows-1252");
const decoders = new Map<string, TextDecoder>();
const asciiLabels = new Set([
  "us-ascii",
  "ascii",
  "ansi_x3.4-1968",
  "7bit",
  "8bit",
  "binary",
  "unknown-8bit",
  "x-unknown",
]);

/**
 * Decodes bytes in a charset named by a message. No name, US-ASCII or an unknown name: UTF-8 when valid, else windows-1252.
 * Never throws. UTF-7 counts as unknown: it smuggles markup past filters.
 */
export function decodeCharset(bytes: Buffer, label: string | null | undefined): string {
  const name = (label ?? "").trim().toLowerCase().slice(0, 40);
  if (name === "" || asciiLabels.has(name)) return decodeUnlabeled(bytes);
  if (name === "utf-8" || name === "utf8") return withoutMark(bytes.toString("utf8"));
  // RFC 2781 §4.3 lets a mark decide for "utf-16"; TextDecoder reads that name as little-endian whatever the mark.
  if (name === "utf-16" && bytes[0] === 0xfe && bytes[1] === 0xff) return decodeCharset(bytes, "utf-16be");
  const decoder = findDecoder(name);
  if (decoder) return decoder.decode(bytes);
  if (createDecodeStream(name).supported) return withoutMark(decodeWithLibmime(bytes, name));
  return decodeUnlabeled(bytes);
}

function decodeUnlabeled(bytes: Buffer): string {
  return isUtf8(bytes) ? withoutMark(bytes.toString("utf8")) : windows1252.decode(bytes);
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function findDecoder(name: string): TextDecoder | null {
  const known = decoders.get(name);
  if (known) return known;
  try {
    const decoder = new TextDecoder(normalizeCharset(name));
    // Only names that resolve are kept, so that hostile names cannot fill the map; spellings of one name are still unbounded.
    if (decoders.size < 500) decoders.set(name, decoder);
    return decoder;
  } catch {
    return null;
  }
}
