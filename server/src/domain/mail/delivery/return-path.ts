import { rewriteSender, type SrsKey } from "../../../formats/srs/srs.ts";
import type { Reader } from "../../../store/database.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";

/** Each forwarding domain has a key of its own. */
export function srsKey(secrets: Pick<ServerSecrets, "derive">, domain: string): SrsKey {
  return { secret: secrets.derive(`srs ${domain}`) };
}

/**
 * The return path of what is sent on: the sender's, rewritten for the forwarding domain unless this server may send for the sender's
 * domain anyway. A notification keeps none.
 * @param domain of the address that sends on
 */
export async function returnPathOf(
  reader: Reader,
  secrets: Pick<ServerSecrets, "derive">,
  sender: string,
  domain: string,
): Promise<string> {
  if (sender === "") return "";
  const senderDomain = sender.slice(sender.lastIndexOf("@") + 1).toLowerCase();
  const ours = await reader.selectFrom("domain").select("name").where("name", "=", senderDomain).executeTakeFirst();
  return ours ? sender : rewriteSender(sender, domain, srsKey(secrets, domain));
}
