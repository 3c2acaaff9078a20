import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";
import { takeModseq } from "../../../store/feed/take-modseq.ts";
import { lockMailFeed } from "../../../store/mail/lock-mail-feed.ts";
import type { AccountAccess } from "../../access/account-access.ts";
import { requireMailboxRight } from "../../access/mailbox-rights.ts";
import { DomainError } from "../../errors.ts";
import { readMailbox } from "../list-mailboxes.ts";

/** Of one value, in bytes. */
export const maxAnnotationBytes = 64 * 1024;
/** Of one mailbox, and of the server for one person; shared and private ones each. */
const maxAnnotations = 100;

export interface AnnotationChange {
  isPrivate: boolean;
  /** Lower case, with its slash, without /private or /shared. */
  name: string;
  /** Null removes it. */
  value: Buffer | null;
}

/**
 * Sets and removes annotations, all or none. Everybody who reads a mailbox may have private ones there; shared ones take the right to
 * write, and those of the server are the operator's.
 * @param mailboxId null for those of the server, which are kept with the account
 * @throws DomainError `forbidden`, `not_found` (mailbox), `too_large` (a value), `conflict` (data.reason "too_many")
 */
export async function setAnnotations(
  store: Pick<Store, "read" | "transact">,
  access: AccountAccess,
  mailboxId: string | null,
  changes: readonly AnnotationChange[],
): Promise<void> {
  if (changes.some(({ isPrivate }) => !isPrivate)) {
    if (mailboxId === null) throw new DomainError("forbidden", "Shared annotations of the server are the operator's");
    requireMailboxRight(access, mailboxId, "write");
  }
  if (changes.some(({ value }) => value !== null && value.length > maxAnnotationBytes)) {
    throw new DomainError("too_large", `An annotation has ${maxAnnotationBytes} bytes at most`);
  }
  if (mailboxId !== null) await readMailbox(store.read, access, mailboxId);
  await store.transact(async (tx) => {
    await lockMailFeed(tx, access);
    if (mailboxId !== null) await readMailbox(tx, access, mailboxId);
    const modseq = await takeModseq(tx, access, "mail");
    for (const { isPrivate, name, value } of changes) {
      const principalId = isPrivate ? access.viewer.principalId : null;
      if (value === null) {
        await sql`
          UPDATE annotation SET value = NULL, modseq = ${modseq}
          WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} AND name = ${name}
            AND mailbox_id IS NOT DISTINCT FROM ${mailboxId}::uuid AND principal_id IS NOT DISTINCT FROM ${principalId}::uuid
            AND value IS NOT NULL`.execute(tx);
        continue;
      }
      await sql`
        INSERT INTO annotation (organization_id, account_id, mailbox_id, principal_id, name, value, modseq)
        VALUES (${access.organizationId}, ${access.accountId}, ${mailboxId}::uuid, ${principalId}::uuid, ${name}, ${value}::bytea, ${modseq})
        ON CONFLICT (organization_id, account_id, mailbox_id, principal_id, name)
          DO UPDATE SET value = excluded.value, modseq = excluded.modseq`.execute(tx);
    }
    // Removed ones count too for a while: their names are what others are told of.
    const { rows } = await sql<{ count: number }>`
      SELECT count(*) AS count FROM annotation
      WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}
        AND mailbox_id IS NOT DISTINCT FROM ${mailboxId}::uuid
        AND (principal_id IS NULL OR principal_id = ${access.viewer.principalId})
      GROUP BY principal_id HAVING count(*) FILTER (WHERE value IS NOT NULL) > ${maxAnnotations}::integer OR count(*) > ${10 * maxAnnotations}::integer`.execute(
      tx,
    );
    if (rows.length > 0) throw new DomainError("conflict", "Too many annotations", { data: { reason: "too_many" } });
  });
}
