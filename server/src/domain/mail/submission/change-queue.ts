import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";
import { type QueueSelection, selectionCondition } from "./select-queue.ts";

export type QueueAction =
  | "hold" // keep, do not try
  | "release" // try held ones again, at once
  | "retry" // try waiting ones at once, their destination's pause over
  | "drop"; // give up without telling the sender

const from = { hold: ["queued"], release: ["held"], retry: ["queued"], drop: ["queued", "held"] } as const;

/**
 * Acts on all selected recipients that are not being sent to at this moment; an empty selection is the whole queue.
 * @returns how many
 */
export async function changeQueue(store: Store, selection: QueueSelection, action: QueueAction): Promise<number> {
  const changes = {
    hold: sql`state = 'held', held_reason = NULL`,
    release: sql`state = 'queued', held_reason = NULL, next_attempt_at = now()`,
    retry: sql`next_attempt_at = now()`,
    drop: sql`state = 'canceled', finished_at = now(), lease_owner = NULL, lease_until = NULL`,
  }[action];
  return store.transact(async (tx) => {
    const changed = await sql<{ domain: string }>`
      UPDATE outbound_recipient r SET ${changes} FROM outbound_message m
      WHERE m.organization_id = r.organization_id AND m.id = r.outbound_id AND ${selectionCondition(selection)}
        AND r.state = ANY(${[...from[action]]}) AND (r.lease_until IS NULL OR r.lease_until < now())
      RETURNING r.domain`.execute(tx);
    if (action === "release" || action === "retry") {
      const domains = [...new Set(changed.rows.map((row) => row.domain))];
      await sql`UPDATE outbound_destination SET paused_until = NULL WHERE domain = ANY(${domains}) AND paused_until IS NOT NULL`.execute(
        tx,
      );
      tx.hint({ kind: "work", id: "outbound" });
    }
    return changed.rows.length;
  });
}
