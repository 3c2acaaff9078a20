import type { Reader } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import { normalizeDomain } from "./normalize-address.ts";

/** Who holds a domain. @throws DomainError `not_found`, `invalid` */
export async function findOrganizationOf(reader: Reader, domain: string): Promise<string> {
  const name = normalizeDomain(domain);
  const row = await reader.selectFrom("domain").select("organization_id").where("name", "=", name).executeTakeFirst();
  if (!row) throw new DomainError("not_found", `The domain ${name} is not held here`);
  return row.organization_id;
}
