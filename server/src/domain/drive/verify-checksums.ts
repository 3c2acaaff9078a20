import { type Checksum, createChecksumHash } from "../../formats/oc-checksum/checksum.ts";
import { DomainError } from "../errors.ts";

/** Bytes on their way, read once for all that must be known of them. */
export interface VerifiedSource {
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  /** Once they were all read. @throws DomainError `invalid` (`checksum`) when they are not what was announced */
  verify(): void;
}

/** Works out on the way what the sender says that the bytes are. */
export function verifyChecksums(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  announced: readonly Checksum[],
): VerifiedSource {
  const hashes = announced.map(({ name, value }) => ({ value, hash: createChecksumHash(name), name }));
  const verify = (): void => {
    for (const { name, value, hash } of hashes) requireChecksum(name, hash.digest(), value);
  };
  if (hashes.length === 0) return { bytes: source, verify };
  return { bytes: passing(source, hashes), verify };
}

async function* passing(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  hashes: readonly { hash: { update(bytes: Uint8Array): void } }[],
): AsyncGenerator<Uint8Array> {
  for await (const bytes of source instanceof Uint8Array ? [source] : source) {
    for (const { hash } of hashes) hash.update(bytes);
    yield bytes;
  }
}

/** @throws DomainError `invalid` (`checksum`) */
export function requireChecksum(name: string, found: Buffer, announced: Buffer): void {
  if (found.equals(announced)) return;
  throw new DomainError("invalid", "The checksum of what arrived is not the one that was announced", {
    data: { reason: "checksum" },
    detail: `${name}: ${found.toString("hex")}, not ${announced.toString("hex")}`,
  });
}
