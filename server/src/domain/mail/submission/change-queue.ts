import type { Store } from "../../../store/database.ts";

export type QueueAction =
  | "hold" // keep, do not try
  | "release" // try held ones again, at once
  | "retry" // try waiting ones at once
  | "drop"; // give up without telling the sender

export interface QueueSelection {
  organizationId?: string;
  recipientIds?: readonly string[];
  outboundId?: string;
  /** Of the recipient. */
  domain?: string;
}

const from = { hold: ["queued"], release: ["held"], retry: ["queued"], drop: ["queued", "held"] } as const;

/**
 * Acts on all selected recipients that are not being sent to at this moment; an empty selection is the whole queue.
 * @returns how many
 */
export async function changeQueue(store: Store, selection: QueueSelection, action: QueueAction): Promise<number> {
  return store.transact(async (tx) => {
    const now = new Date();
    let query = tx
      .updateTable("outbound_recipient")
      .set(
        action === "hold"
          ? { state: "held" }
          : action === "drop"
            ? { state: "canceled", finished_at: now }
            : { state: "queued", next_attempt_at: now },
      )
      .where("state", "in", [...from[action]])
      .where((eb) => eb.or([eb("lease_until", "is", null), eb("lease_until", "<", now)]));
    if (selection.organizationId) query = query.where("organization_id", "=", selection.organizationId);
    if (selection.recipientIds)
      query = query.where("id", "in", ["00000000-0000-0000-0000-000000000000", ...selection.recipientIds]);
    if (selection.outboundId) query = query.where("outbound_id", "=", selection.outboundId);
    if (selection.domain) query = query.where("domain", "=", selection.domain);
    const result = await query.executeTakeFirst();
    if (action === "release" || action === "retry") tx.hint({ kind: "work", id: "outbound" });
    return Number(result.numUpdatedRows);
  });
}
