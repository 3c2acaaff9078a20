import type { Transactor } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import { normalizeAddress, normalizeDomain } from "./normalize-address.ts";

/**
 * Makes a domain stand for another one of the same organization: its mail goes to the same local parts there. Addresses of its own
 * come first.
 * @param target null: it stands for itself again
 * @throws DomainError `not_found`, `invalid`, `conflict` when one of them is part of such a pair already
 */
export async function setDomainAlias(
  tx: Transactor,
  organizationId: string,
  name: string,
  target: string | null,
): Promise<void> {
  const domain = await requireDomain(tx, organizationId, name);
  if (target !== null) {
    const other = await requireDomain(tx, organizationId, target);
    if (other.name === domain.name) throw new DomainError("invalid", "A domain does not stand for itself");
    const pairs = await tx
      .selectFrom("domain")
      .select("name")
      .where("organization_id", "=", organizationId)
      .where((eb) =>
        eb.or([eb("alias_of", "=", domain.name), eb("name", "=", other.name).and("alias_of", "is not", null)]),
      )
      .execute();
    if (pairs.length > 0)
      throw new DomainError("conflict", "A domain that stands for another has none that stands for it");
  }
  await tx
    .updateTable("domain")
    .set({ alias_of: target === null ? null : normalizeDomain(target) })
    .where("name", "=", domain.name)
    .execute();
}

/**
 * Says who gets what is sent to no address of a domain.
 * @param target an address: of a principal of the organization, or anywhere else; null: nobody, the sender is told
 * @throws DomainError `not_found`, `invalid`
 */
export async function setCatchAll(
  tx: Transactor,
  organizationId: string,
  name: string,
  target: string | null,
): Promise<void> {
  const domain = await requireDomain(tx, organizationId, name);
  const address = target === null ? null : normalizeAddress(target).address;
  const owner =
    address === null
      ? undefined
      : await tx
          .selectFrom("address")
          .select("principal_id")
          .where("address", "=", address)
          .where("organization_id", "=", organizationId)
          .executeTakeFirst();
  if (address?.endsWith(`@${domain.name}`) && !owner) {
    throw new DomainError("not_found", `Nobody has the address ${address}`);
  }
  await tx
    .updateTable("domain")
    .set({ catch_all_principal_id: owner?.principal_id ?? null, catch_all_address: owner ? null : address })
    .where("name", "=", domain.name)
    .execute();
}

async function requireDomain(tx: Transactor, organizationId: string, name: string): Promise<{ name: string }> {
  // Two changes at once must not make a chain.
  const found = await tx
    .selectFrom("domain")
    .select("name")
    .where("organization_id", "=", organizationId)
    .forUpdate()
    .execute();
  const domain = found.find((row) => row.name === normalizeDomain(name));
  if (!domain) throw new DomainError("not_found", `The domain ${name} does not belong to this organization`);
  return domain;
}
