import { sql } from "kysely";
import type { Store } from "../../store/database.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { grantAccount } from "../access/grant-account.ts";
import { changeTree } from "../drive/change-tree.ts";
import { notify } from "../notifications/notify.ts";
import { orderMail } from "./create-share-link.ts";
import { trimReshares } from "./trim-reshares.ts";

export interface TendingDeps {
  readonly store: Store;
}

/** Days before its end that the maker of a link is told. */
const warningDays = 3;
/** A link made for less is not worth a warning. */
const shortestHours = 24 * (warningDays + 1);
const batch = 200;

/**
 * Tells the makers of links that end within three days, once, by a notification and a mail; a link that was made for less than four
 * days ends unannounced.
 * @returns how many
 */
export async function warnOfEndingLinks(store: Store): Promise<number> {
  let warned = 0;
  for (;;) {
    const count = await store.transact(async (tx) => {
      const { rows } = await sql<Ending>`
        UPDATE share_link l SET warned_at = now() FROM drive_node n
        WHERE n.organization_id = l.organization_id AND n.id = l.node_id AND (l.organization_id, l.id) IN (
          SELECT w.organization_id, w.id FROM share_link w
          WHERE w.revoked_at IS NULL AND w.warned_at IS NULL AND w.expires_at > now()
            AND w.expires_at <= now() + make_interval(days => ${warningDays})
            AND w.expires_at - w.created_at > make_interval(hours => ${shortestHours})
          ORDER BY w.expires_at LIMIT ${batch} FOR UPDATE SKIP LOCKED)
        RETURNING l.organization_id, l.id, l.created_by, l.created_by_organization, l.expires_at, n.file_id, n.name`.execute(
        tx,
      );
      for (const row of rows) {
        const maker = {
          organizationId: row.created_by_organization ?? row.organization_id,
          principalId: row.created_by,
        };
        const data = { fileId: row.file_id, name: row.name, expiresAt: row.expires_at.toISOString() };
        await notify(tx, maker, { topic: "link_ending", data });
        await orderMail(tx, row.organization_id, { kind: "link_ending", linkId: row.id });
      }
      return rows.length;
    });
    warned += count;
    if (count < batch) return warned;
  }
}

interface Ending {
  organization_id: string;
  id: string;
  created_by: string;
  created_by_organization: string | null;
  expires_at: Date;
  file_id: number;
  name: string;
}

/**
 * Takes away the shares whose time is over, which have given nothing since, and what was shared on by people who may not any more,
 * because they left a group or a team folder.
 * @returns how many accounts had some
 */
export async function endOverdueShares(store: Store): Promise<number> {
  const accounts = await sql<{ organization_id: string; account_id: string }>`
    SELECT DISTINCT g.organization_id, g.account_id FROM grant_given g
    JOIN account a ON a.organization_id = g.organization_id AND a.id = g.account_id
    WHERE g.collection_kind = 'node' AND (g.expires_at <= now() OR (g.created_by IS NOT NULL AND g.created_by <> a.owner_id))`.execute(
    store.read,
  );
  let changed = 0;
  for (const { organization_id: organizationId, account_id: accountId } of accounts.rows) {
    const account = { organizationId, accountId };
    let ended: string[] = [];
    let trimmed = 0;
    await changeTree(
      { store },
      account,
      async (tx, modseq) => {
        if (ended.length === 0) return;
        const touches = [...new Set(ended)].map((folderId) => ({ folderId, bytes: 0, files: 0 }));
        await touchAncestors(tx, organizationId, modseq, touches);
      },
      async (tx) => {
        const over = await tx
          .selectFrom("grant_given")
          .select(["collection_id", "grantee_organization_id", "grantee_id"])
          .where("organization_id", "=", organizationId)
          .where("account_id", "=", accountId)
          .where("collection_kind", "=", "node")
          .where("expires_at", "<=", new Date())
          .orderBy("share_number")
          .execute();
        ended = over.map((row) => row.collection_id!);
        for (const row of over) {
          const grantee = { organizationId: row.grantee_organization_id, principalId: row.grantee_id };
          await grantAccount(tx, { ...account, nodeId: row.collection_id! }, grantee, []);
        }
        trimmed = (await trimReshares(tx, account)).length;
      },
    );
    if (ended.length > 0 || trimmed > 0) changed++;
  }
  return changed;
}
