import type { Store, Transactor } from "../../store/database.ts";
import { addDomain, createOrganization, type NewOrganization } from "../identity/create-organization.ts";
import type { ServerSecrets } from "../identity/server-secrets.ts";
import { createDkimKeys, type DkimKey, makeDkimKeys } from "../mail/submission/create-dkim-key.ts";

export interface LifecycleDeps {
  readonly store: Store;
  readonly secrets: ServerSecrets;
}

export interface CreatedOrganization {
  organizationId: string;
  domains: string[];
}

/**
 * Adds an organization with its domains, each with the keys that sign its mail.
 * @throws DomainError `already_exists` for a domain in use, `invalid`
 */
export async function createMember(
  deps: LifecycleDeps,
  input: NewOrganization & { domains: readonly string[] },
): Promise<CreatedOrganization> {
  // RSA keys take a moment to make: not inside the transaction.
  const keys = await Promise.all(input.domains.map(() => makeDkimKeys()));
  return deps.store.transact(async (tx) => {
    const organizationId = await createOrganization(tx, input);
    const domains: string[] = [];
    for (const [index, name] of input.domains.entries()) {
      domains.push(await addSignedDomain(tx, deps.secrets, organizationId, name, keys[index]!));
    }
    return { organizationId, domains };
  });
}

/** Adds a domain to an organization that exists. @throws DomainError `already_exists`, `invalid`, `not_found` */
export async function addMemberDomain(deps: LifecycleDeps, organizationId: string, name: string): Promise<string> {
  const keys = await makeDkimKeys();
  return deps.store.transact((tx) => addSignedDomain(tx, deps.secrets, organizationId, name, keys));
}

async function addSignedDomain(
  tx: Transactor,
  secrets: ServerSecrets,
  organizationId: string,
  name: string,
  keys: readonly DkimKey[],
): Promise<string> {
  const domain = await addDomain(tx, organizationId, name);
  await createDkimKeys(tx, secrets, { organizationId, domain }, keys, "active");
  return domain;
}
