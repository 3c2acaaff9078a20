import { encodeHeaderText } from "../../../formats/delivery-status/encode-header-text.ts";
import type { Address } from "../../../formats/mime/decode-header.ts";
import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { normalizeAddress } from "../../identity/normalize-address.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { listIdentities, type SenderIdentity } from "../list-identities.ts";

/**
 * Checks that every address of From, Sender and the return path is the viewer's: their own, or one they were granted. What follows
 * a `+` does not count.
 * @param returnPath empty for what must not come back, such as a read receipt
 * @param sender the address of the Sender field, if there is one
 * @returns the identity of the first From
 * @throws DomainError `sender_not_allowed`
 */
export function checkSender(
  identities: readonly SenderIdentity[],
  returnPath: string,
  from: readonly Address[],
  sender?: string,
): SenderIdentity {
  const allowed = new Map(identities.map((identity) => [identity.address, identity]));
  const find = (address: string): SenderIdentity => {
    const identity = allowed.get(withoutTag(address));
    if (identity) return identity;
    throw new DomainError("sender_not_allowed", `You may not send as ${address}`, { data: { address } });
  };
  if (returnPath !== "") find(returnPath);
  if (sender !== undefined) find(sender);
  for (const each of from.slice(1)) find(each.email);
  return find(from[0]!.email);
}

/**
 * The Sender field that a message in somebody else's name must have (RFC 5322 section 3.6.2), ended by CRLF.
 * @returns undefined when the message needs none, or has a right one
 */
export function senderFieldFor(
  identities: readonly SenderIdentity[],
  identity: SenderIdentity,
  viewer: Pick<Viewer, "displayName">,
  sender: string | undefined,
): string | undefined {
  if (!identity.isOnBehalf) return undefined;
  const own = identities.filter((each) => each.isOwn);
  if (sender !== undefined && own.some((each) => each.address === withoutTag(sender))) return undefined;
  const address = (own.find((each) => each.isPrimary) ?? own[0])?.address;
  if (address === undefined) {
    throw new DomainError("sender_not_allowed", "You need an address of your own to send on behalf of somebody");
  }
  return `Sender: ${encodeHeaderText(viewer.displayName)} <${address}>\r\n`;
}

/** What can be said before the message is there. @throws DomainError `sender_not_allowed` */
export async function checkReturnPath(reader: Reader, viewer: Viewer, returnPath: string): Promise<void> {
  if (returnPath === "") return;
  const address = withoutTag(returnPath);
  const identities = await listIdentities(reader, viewer);
  if (identities.some((identity) => identity.address === address)) return;
  throw new DomainError("sender_not_allowed", `You may not send as ${returnPath}`, { data: { address: returnPath } });
}

function withoutTag(address: string): string {
  try {
    const { localPart, domain } = normalizeAddress(address);
    return `${localPart.split("+", 1)[0]}@${domain}`;
  } catch {
    return "";
  }
}
