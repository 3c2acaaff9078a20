import { rewriteSender, type SrsKey } from "../../../formats/srs/srs.ts";
import type { Reader } from "../../../store/database.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";
import { domainOf } from "../domain-of.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import { proofOfSender } from "./proof-of-sender.ts";

/** Each forwarding domain has a key of its own. */
export function srsKey(secrets: Pick<ServerSecrets, "derive">, domain: string): SrsKey {
  return { secret: secrets.derive(`srs ${domain}`) };
}

/**
 * The return path of what is sent on: the sender's, rewritten for the forwarding domain unless this server may send for the sender's
 * domain anyway and the sender is proved: who forges one of our addresses must not get our SPF for it by a forward. A notification
 * keeps none.
 * @param domain of the address that sends on
 */
export async function returnPathOf(
  reader: Reader,
  secrets: Pick<ServerSecrets, "derive">,
  message: IncomingMessage,
  domain: string,
): Promise<string> {
  const { sender } = message;
  if (sender === "") return "";
  const rewritten = () => rewriteSender(sender, domain, srsKey(secrets, domain));
  if (proofOfSender(message) !== "proved") return rewritten();
  const senderDomain = domainOf(sender);
  const ours = await reader.selectFrom("domain").select("name").where("name", "=", senderDomain).executeTakeFirst();
  return ours ? sender : rewritten();
}

/**
 * Whether a message from outside says to be of the domain that would send it on, without proof. Sent on by us it would pass the checks
 * of that domain (SPF is aligned with it, DMARC content).
 */
export function forgesDomain({ arrival, screening }: IncomingMessage, domain: string): boolean {
  if (arrival !== "received" || screening === undefined) return false;
  const { isAligned, fromDomain } = screening.authenticity;
  return !isAligned && fromDomain === domain;
}
