import type { Transactor } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import { normalizeDomain } from "./normalize-address.ts";

export interface NewOrganization {
  name: string;
  kind: "operator" | "member";
}

/** @returns the organization's id. @throws DomainError `invalid` when the name is empty */
export async function createOrganization(tx: Transactor, organization: NewOrganization): Promise<string> {
  const name = organization.name.trim().normalize("NFC");
  if (name === "" || name.length > 200)
    throw new DomainError("invalid", "An organization needs a name of at most 200 characters");
  const row = await tx
    .insertInto("organization")
    .values({ name, kind: organization.kind })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** @throws DomainError `already_exists` when the domain belongs to an organization already, `invalid` */
export async function addDomain(tx: Transactor, organizationId: string, name: string): Promise<string> {
  const domain = normalizeDomain(name);
  const others = await tx.selectFrom("domain").select("name").where("organization_id", "=", organizationId).execute();
  const inserted = await tx
    .insertInto("domain")
    .values({ name: domain, organization_id: organizationId, is_primary: others.length === 0 })
    .onConflict((conflict) => conflict.doNothing())
    .returning("name")
    .executeTakeFirst();
  if (!inserted) throw new DomainError("already_exists", `The domain ${domain} is already used`);
  return domain;
}
