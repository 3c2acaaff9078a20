import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { isUuid } from "../../../store/uuid.ts";
import type { AccountAccess } from "../../access/account-access.ts";
import { requireRight } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import { mailState } from "../mail-state.ts";
import type { SieveScript } from "./sieve-script.ts";

/** The scripts of an account by name. @throws DomainError `forbidden` */
export async function listScripts(reader: Reader, access: AccountAccess): Promise<SieveScript[]> {
  requireRight(access, "read");
  const { rows } = await sql<{ id: string; name: string; is_active: boolean; blob_id: string; size: number }>`
    SELECT id, name, is_active, blob_id, octet_length(content) AS size FROM sieve_script
    WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} ORDER BY name`.execute(
    reader,
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    isActive: row.is_active,
    blobId: row.blob_id,
    size: row.size,
  }));
}

/** The content of one script. @throws DomainError `forbidden`, `not_found` */
export async function readScript(
  reader: Reader,
  access: AccountAccess,
  which: { name: string } | { blobId: string },
): Promise<string> {
  requireRight(access, "read");
  const isPossible = "name" in which ? !which.name.includes("\0") : isUuid(which.blobId);
  const row = isPossible
    ? await reader
        .selectFrom("sieve_script")
        .select("content")
        .where("organization_id", "=", access.organizationId)
        .where("account_id", "=", access.accountId)
        .where("name" in which ? "name" : "blob_id", "=", "name" in which ? which.name.normalize("NFC") : which.blobId)
        .executeTakeFirst()
    : undefined;
  if (!row) throw new DomainError("not_found", "There is no such script");
  return row.content;
}

/** The JMAP state of the account's scripts. */
export async function scriptState(reader: Reader, access: AccountAccess): Promise<string> {
  return (await mailState(reader, access)).SieveScript;
}
