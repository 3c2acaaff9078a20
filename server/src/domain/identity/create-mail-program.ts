import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { appPasswordPurpose } from "./app-passwords.ts";
import type { IdentityDeps, PrincipalKey } from "./identity-deps.ts";

/**
 * Puts a mail program that a person let in by the OpenID provider among their app passwords, under a secret that nobody knows, and
 * ties its grant to it: revoking the one ends the other with all its tokens.
 */
export async function createMailProgram(deps: IdentityDeps, person: PrincipalKey, grantId: string): Promise<void> {
  await deps.store.transact(async (tx) => {
    const { id } = await tx
      .insertInto("app_password")
      .values({
        organization_id: person.organizationId,
        principal_id: person.principalId,
        name: "Programme de messagerie (connexion par le portail)",
        scopes: ["imap", "smtp"],
        secret_hash: deps.secrets.hashToken(appPasswordPurpose, `program ${randomBytes(32).toString("base64url")}`),
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    await sql`UPDATE oidc_record SET family_id = ${id} WHERE kind = 'Grant' AND id = ${grantId}`.execute(tx);
  });
}
