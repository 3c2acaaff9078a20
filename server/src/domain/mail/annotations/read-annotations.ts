import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { AccountAccess } from "../../access/account-access.ts";
import { mayRead } from "../../access/mailbox-rights.ts";
import { DomainError } from "../../errors.ts";

/** An annotation of a mailbox, or of the server for an account (RFC 5464). */
export interface Annotation {
  /** The viewer's alone; others are shared. */
  isPrivate: boolean;
  /** Lower case, with its slash, without /private or /shared: `/comment`. */
  name: string;
  value: Buffer;
}

/**
 * The annotations that the viewer sees, by name.
 * @param mailboxId null for those of the server
 * @throws DomainError `not_found` for a mailbox that the viewer may not read
 */
export async function readAnnotations(
  reader: Reader,
  access: AccountAccess,
  mailboxId: string | null,
): Promise<Annotation[]> {
  if (mailboxId !== null && !mayRead(access, mailboxId)) throw new DomainError("not_found", "There is no such mailbox");
  const { rows } = await sql<Annotation>`
    SELECT principal_id IS NOT NULL AS "isPrivate", name, value FROM annotation
    WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}
      AND mailbox_id IS NOT DISTINCT FROM ${mailboxId}::uuid
      AND (principal_id IS NULL OR principal_id = ${access.viewer.principalId}) AND value IS NOT NULL
    ORDER BY name, principal_id`.execute(reader);
  return rows;
}

/** Which annotations of the account the viewer sees have come, changed or gone since a modseq of its mail feed. */
export async function readAnnotationChanges(
  reader: Reader,
  access: AccountAccess,
  sinceModseq: number,
): Promise<{ mailboxId: string | null; isPrivate: boolean; name: string; modseq: number }[]> {
  const { rows } = await sql<{ mailboxId: string | null; isPrivate: boolean; name: string; modseq: number }>`
    SELECT mailbox_id AS "mailboxId", principal_id IS NOT NULL AS "isPrivate", name, modseq FROM annotation
    WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} AND modseq > ${sinceModseq}
      AND (principal_id IS NULL OR principal_id = ${access.viewer.principalId})
    ORDER BY modseq, name LIMIT 1000`.execute(reader);
  return rows.filter(({ mailboxId }) => mailboxId === null || mayRead(access, mailboxId));
}
