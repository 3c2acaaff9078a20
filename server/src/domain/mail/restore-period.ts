import { sql } from "kysely";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import { DomainError } from "../errors.ts";
import { listDeletedMailboxes } from "./list-deleted-mailboxes.ts";
import type { MailDeps } from "./model.ts";
import { restoreExpunged } from "./restore-expunged.ts";
import { restoreMailbox } from "./restore-mailbox.ts";

const batch = 200;

/**
 * Brings back everything that was deleted between two moments, mailboxes first: after a program that went mad, or a stolen password.
 * @throws DomainError `forbidden`, `invalid` (the period), `over_quota`: what came back until then stays
 */
export async function restorePeriod(
  deps: MailDeps,
  access: AccountAccess,
  period: { since: Date; until: Date },
): Promise<{ restored: number }> {
  requireRight(access, "write");
  if (!(period.since < period.until)) throw new DomainError("invalid", "The period ends before it begins");
  let restored = 0;
  if (access.rights.has("manage")) {
    const mailboxes = await listDeletedMailboxes(deps.store.read, access);
    const within = mailboxes.filter(({ deletedAt }) => deletedAt >= period.since && deletedAt <= period.until);
    // Those above first, so that the others find their place again.
    for (const mailbox of within.sort((a, b) => a.path.length - b.path.length)) {
      restored += (await restoreMailbox(deps, access, mailbox.id)).restored;
    }
  }
  for (;;) {
    const found = await sql<{ id: string }>`
      SELECT id FROM expunged_message
      WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}
        AND expunged_at BETWEEN ${period.since} AND ${period.until}
      ORDER BY expunged_at, id LIMIT ${batch}`.execute(deps.store.read);
    if (found.rows.length === 0) return { restored };
    const ids = found.rows.map((row) => row.id);
    const { restored: count } = await restoreExpunged(deps, access, ids);
    restored += count;
    // Purged or restored by others meanwhile: the next look does not find them.
    if (count === 0 && found.rows.length < batch) return { restored };
  }
}
