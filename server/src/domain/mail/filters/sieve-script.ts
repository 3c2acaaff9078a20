import { DomainError } from "../../errors.ts";

export interface SieveScript {
  id: string;
  name: string;
  isActive: boolean;
  /** Names the content for JMAP: another with each content. */
  blobId: string;
  /** UTF-8 octets. */
  size: number;
}

/** What one account may keep. */
export const scriptQuota = { scripts: 30, bytesOfOne: 256 * 1024, bytesOfAll: 1024 * 1024 } as const;

/**
 * RFC 5804 section 1.6: Net-Unicode without control characters and line separators.
 * @throws DomainError `invalid`
 */
export function normalizeScriptName(text: string): string {
  const name = text.normalize("NFC");
  if (name === "" || Buffer.byteLength(name) > 512 || /[\p{Cc}\u2028\u2029]/u.test(name) || !name.isWellFormed()) {
    throw new DomainError("invalid", "This cannot be the name of a script", { detail: text.slice(0, 100) });
  }
  return name;
}
