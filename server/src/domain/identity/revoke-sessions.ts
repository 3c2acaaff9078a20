import { sql } from "kysely";
import type { Store, Transactor } from "../../store/database.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import type { PrincipalKey } from "./identity-deps.ts";

/**
 * Ends sign-ins of one person with everything opened from them: sessions of all services, records of the provider (its session,
 * codes, tokens). Streams that are open are told after the commit.
 * @returns the families that were open
 */
export async function revokeFamilies(
  tx: Transactor,
  person: PrincipalKey,
  which: { only: string } | { except: string } | "all",
): Promise<string[]> {
  const filter =
    which === "all" ? sql`true` : "only" in which ? sql`family_id = ${which.only}` : sql`family_id <> ${which.except}`;
  const { rows } = await sql<{ family_id: string }>`
    UPDATE session SET revoked_at = now()
    WHERE organization_id = ${person.organizationId} AND principal_id = ${person.principalId} AND revoked_at IS NULL AND ${filter}
    RETURNING family_id`.execute(tx);
  const families = [...new Set(rows.map((row) => row.family_id))];
  if (families.length > 0) {
    await tx.deleteFrom("oidc_record").where("family_id", "in", families).execute();
    for (const id of families) tx.hint({ kind: "revoked", id });
  }
  return families;
}

/** Signing out, of one service and so of all. Nothing happens when it is over already. */
export async function signOut(store: Store, person: PrincipalKey, familyId: string): Promise<void> {
  await store.transact((tx) => revokeFamilies(tx, person, { only: familyId }));
}

/** @throws DomainError `not_found` when the person has no such open sign-in */
export async function revokeSignIn(store: Store, person: PrincipalKey, familyId: string): Promise<void> {
  const revoked = isUuid(familyId) ? await store.transact((tx) => revokeFamilies(tx, person, { only: familyId })) : [];
  if (revoked.length === 0) throw new DomainError("not_found", "There is no such session");
}

/** Ends every sign-in of the person but one. */
export async function revokeOtherSignIns(store: Store, person: PrincipalKey, keptFamilyId: string): Promise<void> {
  await store.transact((tx) => revokeFamilies(tx, person, { except: keptFamilyId }));
}
