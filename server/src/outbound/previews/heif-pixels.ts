/**
 * Pixels of the largest image in a HEIF file, by what its headers say (ISO/IEC 23008-12 section 6.5.3: `ispe`), without decoding.
 * @returns undefined when it says nothing
 */
export function heifPixels(head: Buffer): number | undefined {
  let most: number | undefined;
  for (let at = head.indexOf("ispe"); at !== -1 && at + 16 <= head.length; at = head.indexOf("ispe", at + 4)) {
    most = Math.max(most ?? 0, head.readUInt32BE(at + 8) * head.readUInt32BE(at + 12));
  }
  return most;
}
