import type { Store } from "../../store/database.ts";
import type { Right } from "../access/account-access.ts";
import { type Grantee, grantAccount } from "../access/grant-account.ts";
import type { CreatedPrincipal } from "../identity/create-principal.ts";
import { setPersonalSeen } from "../mail/delegation/set-personal-seen.ts";
import { createPrincipalWithServices } from "./create-principal-with-services.ts";

export interface NewSharedMailbox {
  displayName: string;
  address: string;
  aliases?: readonly string[];
  /** In bytes. */
  mailQuota: number;
  grants: readonly { grantee: Grantee; rights: readonly Right[] }[];
  /** Each person has a `\Seen` of their own; without it what one has read is read for all. */
  personalSeen?: boolean;
}

/**
 * Makes a shared mailbox with who may use it and how: it has an account of its own, is written to at its address, and is opened beside
 * one's own mail, or as a login of its own by its address with one's own app password.
 * @throws DomainError `already_exists` for an address in use, `invalid`
 */
export async function createSharedMailbox(
  store: Store,
  organizationId: string,
  input: NewSharedMailbox,
): Promise<CreatedPrincipal> {
  const created = await createPrincipalWithServices(store, organizationId, {
    kind: "shared_mailbox",
    displayName: input.displayName,
    address: input.address,
    ...(input.aliases && { aliases: input.aliases }),
    quotas: { mail: input.mailQuota, files: 0 },
  });
  await store.transact(async (tx) => {
    for (const { grantee, rights } of input.grants) await grantAccount(tx, created, grantee, rights);
  });
  if (input.personalSeen) await setPersonalSeen(store, created, true);
  return created;
}
