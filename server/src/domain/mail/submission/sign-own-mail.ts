import { Readable } from "node:stream";
import type { Store } from "../../../store/database.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";
import { domainOf } from "../domain-of.ts";
import { signMessage } from "./sign-message.ts";

/**
 * Signs what the server itself writes for somebody: answers of filters, notifications. Nothing but DKIM can align them with the
 * domain of their author (RFC 7489 section 3.1), for their return path is empty.
 * @param author the address of From
 * @param bytes as they will leave
 * @returns as `signMessage`; empty too when it cannot be signed: better unsigned than not sent
 */
export async function signOwnMail(
  deps: { readonly store: Pick<Store, "read">; readonly secrets: Pick<ServerSecrets, "open"> },
  author: string,
  bytes: Buffer,
): Promise<string> {
  const domain = domainOf(author);
  return signMessage(deps.store.read, deps.secrets, domain, () => Readable.from([bytes])).catch(() => "");
}
