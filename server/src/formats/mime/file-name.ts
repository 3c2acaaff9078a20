import { decodeWords } from "./decode-header.ts";
import type { MimePart } from "./mime-part.ts";

/**
 * The file name a part asks for, or null: Content-Disposition filename, else Content-Type name, encoded words decoded as
 * RFC 8621 §4.1.4 asks. Control characters and bidirectional overrides (which hide extensions) are dropped; slashes stay, so this
 * is a name to show, not a path to open.
 */
export function fileName(part: MimePart): string | null {
  const raw = part.disposition?.params.filename ?? part.params.name;
  if (raw === undefined) return null;
  const name = decodeWords(raw)
    .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g, "")
    .trim();
  return name === "" ? null : name.normalize("NFC");
}
