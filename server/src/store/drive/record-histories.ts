import { sql } from "kysely";
import type { Transactor } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import type { HistoryActor, HistoryEntry } from "./record-history.ts";

const slice = 5_000;

/** As `recordHistory`, for what one request did to many nodes; in the order given. No device is counted for it. */
export async function recordHistories(
  tx: Transactor,
  key: AccountKey,
  modseq: number,
  by: HistoryActor,
  entries: readonly HistoryEntry[],
): Promise<void> {
  for (let start = 0; start < entries.length; start += slice) {
    const part = entries.slice(start, start + slice);
    await sql`
      INSERT INTO drive_history (organization_id, account_id, modseq, action, node_id, kind, files, parent_before, name_before,
        version_before, parent_after, name_after, version_after, actor_organization_id, actor_id)
      SELECT ${key.organizationId}::uuid, ${key.accountId}::uuid, ${modseq}::bigint, e.*,
        ${by.viewer?.organizationId ?? null}::uuid, ${by.viewer?.principalId ?? null}::uuid
      FROM unnest(
        ${part.map((each) => each.action)}::text[], ${part.map((each) => each.nodeId)}::uuid[],
        ${part.map((each) => each.kind)}::text[], ${part.map((each) => each.files)}::bigint[],
        ${part.map((each) => each.before?.parentId ?? null)}::uuid[], ${part.map((each) => each.before?.name ?? null)}::text[],
        ${part.map((each) => each.before?.versionId ?? null)}::uuid[],
        ${part.map((each) => each.after?.parentId ?? null)}::uuid[], ${part.map((each) => each.after?.name ?? null)}::text[],
        ${part.map((each) => each.after?.versionId ?? null)}::uuid[]
      ) AS e`.execute(tx);
  }
}
