import { createHash } from "node:crypto";
import type { Identity } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { listIdentities, type SenderIdentity } from "../../../domain/mail/list-identities.ts";
import type { CallContext, Method } from "../method.ts";
import { opaqueState } from "../opaque-state.ts";
import { readArguments } from "../read-arguments.ts";
import { getResponse, getShape, readIds, readProperties } from "../standard-get.ts";

const identityProperties = [
  "id",
  "name",
  "email",
  "replyTo",
  "bcc",
  "textSignature",
  "htmlSignature",
  "mayDelete",
] as const satisfies readonly (keyof Identity)[];

/** RFC 8621 section 6.1. */
export const identityGet: Method<"Identity/get"> = async (context, given) => {
  const { accountId, ids, properties } = readArguments(given, getShape);
  const access = await context.accounts.open(accountId);
  const wanted = readProperties(identityProperties, properties);
  const identities = await readIdentities(context, access);
  return getResponse(accountId, opaqueState(identities), identities, readIds(context, ids), wanted);
};

/** The addresses that a viewer may send from: in their own account all of them, in another's those of that account. */
export async function listSenders(
  context: CallContext,
  access: AccountAccess,
): Promise<(SenderIdentity & { id: string })[]> {
  const all = await listIdentities(context.deps.mail.store.read, context.viewer);
  return all
    .filter((each) => access.isOwn || each.accountId === access.accountId)
    .map((each) => ({ ...each, id: identityId(each.address) }));
}

export async function readIdentities(context: CallContext, access: AccountAccess): Promise<Identity[]> {
  return (await listSenders(context, access)).map(({ id, name, address }) => ({
    id,
    name,
    email: address,
    replyTo: null,
    bcc: null,
    textSignature: "",
    htmlSignature: "",
    mayDelete: false,
  }));
}

/** The same for as long as the address exists. */
function identityId(address: string): string {
  return `i${createHash("sha256").update(address).digest("base64url").slice(0, 22)}`;
}
