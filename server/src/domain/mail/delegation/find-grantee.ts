import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";

export interface FoundGrantee {
  organizationId: string;
  principalId: string;
  kind: "person" | "group";
  displayName: string;
  /** The primary address, or the login of who has none. */
  identifier: string;
}

/**
 * The person or group of an organization with this address or login. Others, and those of other organizations, look the same as
 * nobody: what is typed here must not tell who exists elsewhere.
 * @throws DomainError `not_found`
 */
export async function findGrantee(reader: Reader, organizationId: string, identifier: string): Promise<FoundGrantee> {
  const typed = identifier.trim().normalize("NFC").toLowerCase();
  if (typed.includes("\0")) throw new DomainError("not_found", "There is no such person or group");
  const row = await reader
    .selectFrom("principal as p")
    .leftJoin("address as a", (join) =>
      join
        .onRef("a.organization_id", "=", "p.organization_id")
        .onRef("a.principal_id", "=", "p.id")
        .on("a.kind", "=", "primary"),
    )
    .select(["p.id", "p.kind", "p.display_name", "p.uid", "a.address"])
    .where("p.organization_id", "=", organizationId)
    .where("p.kind", "in", ["person", "group"])
    .where("p.state", "=", "active")
    .where((eb) =>
      eb.or([
        eb.exists(
          eb
            .selectFrom("login as l")
            .select("l.login")
            .whereRef("l.organization_id", "=", "p.organization_id")
            .whereRef("l.principal_id", "=", "p.id")
            .where("l.login", "=", typed),
        ),
        eb.exists(
          eb
            .selectFrom("address as d")
            .select("d.address")
            .whereRef("d.organization_id", "=", "p.organization_id")
            .whereRef("d.principal_id", "=", "p.id")
            .where("d.address", "=", typed),
        ),
      ]),
    )
    .executeTakeFirst();
  if (!row) throw new DomainError("not_found", "There is no such person or group");
  return {
    organizationId,
    principalId: row.id,
    kind: row.kind === "group" ? "group" : "person",
    displayName: row.display_name,
    identifier: row.address ?? row.uid,
  };
}
