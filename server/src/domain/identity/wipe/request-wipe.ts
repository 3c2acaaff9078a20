import { sql } from "kysely";
import { isUuid } from "../../../store/uuid.ts";
import { DomainError } from "../../errors.ts";
import type { IdentityDeps, PrincipalKey } from "../identity-deps.ts";

/**
 * The owner of a device wants it to forget what it holds. Its app password opens nothing from now on; the device, turned away, asks
 * whether it is to be wiped. A password that was withdrawn already stays so.
 * @throws DomainError `not_found` when the person has no such password, or it is not one of a device that holds files
 */
export async function requestWipe(deps: Pick<IdentityDeps, "store">, person: PrincipalKey, id: string): Promise<void> {
  const requested = isUuid(id)
    ? await deps.store.transact(async (tx) => {
        const { rows } = await sql`
          UPDATE app_password SET wipe_requested_at = now(), revoked_at = now()
          WHERE organization_id = ${person.organizationId} AND principal_id = ${person.principalId} AND id = ${id}
            AND revoked_at IS NULL AND 'dav' = ANY(scopes)
          RETURNING id`.execute(tx);
        if (rows.length > 0) tx.hint({ kind: "revoked", id });
        return rows.length > 0;
      })
    : false;
  if (!requested) throw new DomainError("not_found", "There is no such device");
}
