import { createHash } from "node:crypto";
import { Adler32 } from "./adler32.ts";

/** What clients of ownCloud's lineage call their checksums, with the length of each in bytes. */
export const checksumLengths = { SHA1: 20, MD5: 16, ADLER32: 4, "SHA3-256": 32, SHA256: 32 } as const;

export type ChecksumName = keyof typeof checksumLengths;

export interface Checksum {
  readonly name: ChecksumName;
  readonly value: Buffer;
}

/**
 * An `OC-Checksum` header: `SHA1:<hex> MD5:<hex>`. Algorithms that we do not know are left out: nobody can hold us to them.
 * @returns undefined when it is malformed
 */
export function parseChecksums(text: string): Checksum[] | undefined {
  const found: Checksum[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const [, given, hex] = /^([A-Za-z0-9-]{1,20}):([0-9a-fA-F]{1,128})$/.exec(word) ?? [];
    if (given === undefined || hex === undefined) return undefined;
    const name = given.toUpperCase();
    if (!isKnown(name)) continue;
    if (hex.length !== checksumLengths[name] * 2) return undefined;
    found.push({ name, value: Buffer.from(hex, "hex") });
  }
  return found;
}

function isKnown(name: string): name is ChecksumName {
  return Object.hasOwn(checksumLengths, name);
}

export interface ChecksumHash {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

export function createChecksumHash(name: ChecksumName): ChecksumHash {
  if (name === "ADLER32") return new Adler32();
  const hash = createHash(name.toLowerCase());
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}
