import type { Reader } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";

export interface FoundOrganization {
  id: string;
  name: string;
}

/**
 * For the operator's commands: an organization by its id, one of its domains, or its exact name.
 * @throws DomainError `not_found`; `conflict` when several have that name
 */
export async function findOrganization(reader: Reader, text: string): Promise<FoundOrganization> {
  const query = reader.selectFrom("organization").select(["organization.id", "organization.name"]);
  const name: string = text.trim();
  const found = isUuid(text)
    ? await query.where("id", "=", text).execute()
    : await query
        .where((eb) =>
          eb.or([
            eb("organization.name", "=", name),
            eb(
              "organization.id",
              "in",
              eb.selectFrom("domain").select("organization_id").where("name", "=", name.toLowerCase()),
            ),
          ]),
        )
        .execute();
  if (found.length > 1)
    throw new DomainError(
      "conflict",
      `Plusieurs collectivités s’appellent « ${text} » : donnez un identifiant ou un domaine.`,
    );
  if (!found[0]) throw new DomainError("not_found", `Il n’y a pas de collectivité « ${text} ».`);
  return found[0];
}

export interface FoundPerson extends AccountKey {
  principalId: string;
  displayName: string;
}

/** For the operator's commands: who has a login, with the account. @throws DomainError `not_found` */
export async function findPerson(reader: Reader, login: string): Promise<FoundPerson> {
  const found = await reader
    .selectFrom("login as l")
    .innerJoin("principal as p", (join) =>
      join.onRef("p.organization_id", "=", "l.organization_id").onRef("p.id", "=", "l.principal_id"),
    )
    .innerJoin("account as a", (join) =>
      join.onRef("a.organization_id", "=", "p.organization_id").onRef("a.owner_id", "=", "p.id"),
    )
    .select(["p.organization_id", "p.id", "p.display_name", "a.id as account_id"])
    .where("l.login", "=", login.trim().toLowerCase())
    .executeTakeFirst();
  if (!found) throw new DomainError("not_found", `Personne, ni aucune boîte, n’a l’adresse « ${login} ».`);
  return {
    organizationId: found.organization_id,
    accountId: found.account_id,
    principalId: found.id,
    displayName: found.display_name,
  };
}
