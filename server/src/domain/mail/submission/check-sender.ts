import type { Address } from "../../../formats/mime/decode-header.ts";
import { DomainError } from "../../errors.ts";
import { normalizeAddress } from "../../identity/normalize-address.ts";

/** An address that a viewer may send as, and the account it belongs to. */
export interface SenderIdentity {
  address: string;
  accountId: string;
}

/**
 * Checks that every address of From, and the return path, is the viewer's: their own, or one they were granted. What follows a
 * `+` does not count.
 * @param returnPath empty for what must not come back, such as a read receipt
 * @returns the identity of the first From
 * @throws DomainError `sender_not_allowed`
 */
export function checkSender<T extends SenderIdentity>(
  identities: readonly T[],
  returnPath: string,
  from: readonly Address[],
): T {
  const allowed = new Map(identities.map((identity) => [identity.address, identity]));
  const find = (address: string): T => {
    const identity = allowed.get(withoutTag(address));
    if (identity) return identity;
    throw new DomainError("sender_not_allowed", `You may not send as ${address}`, { data: { address } });
  };
  if (returnPath !== "") find(returnPath);
  for (const each of from.slice(1)) find(each.email);
  return find(from[0]!.email);
}

function withoutTag(address: string): string {
  try {
    const { localPart, domain } = normalizeAddress(address);
    return `${localPart.split("+", 1)[0]}@${domain}`;
  } catch {
    return "";
  }
}
