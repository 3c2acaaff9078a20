import { sql } from "kysely";
import type { Store, Transactor } from "../database.ts";
import { isSerializationFailure } from "../store-error.ts";

export interface OutboxRow {
  id: number;
  topic: string;
  organizationId: string;
  payload: unknown;
  attempts: number;
}

/** Writes a "to do" row in the transaction of the row that causes it. Consumers wake after the commit. */
export async function enqueue(
  tx: Transactor,
  row: { topic: string; organizationId: string; payload: object; availableAt?: Date },
): Promise<void> {
  await tx
    .insertInto("outbox")
    .values({
      topic: row.topic,
      organization_id: row.organizationId,
      payload: JSON.stringify(row.payload),
      ...(row.availableAt && { available_at: row.availableAt }),
    })
    .execute();
  tx.hint({ kind: "work", id: "outbox" });
}

/** Thrown by a consumer's handler's failure, with the row, so that the failure can be written after the rollback. */
class HandlerFailure extends Error {
  readonly row: OutboxRow;
  constructor(row: OutboxRow, cause: unknown) {
    super("outbox handler failed", { cause });
    this.row = row;
  }
}

/**
 * Takes the oldest due row of the given topics, runs its handler in the same transaction and deletes the row with it: the
 * handler's rows and the end of the "to do" commit together, so exactly once however many copies consume. A failure puts the
 * row back with a delay that doubles from 5 s to one hour.
 * @returns the topic done, "failed" with its error, or "empty"
 */
export async function consumeOne(
  store: Store,
  handlers: Readonly<Record<string, (tx: Transactor, row: OutboxRow) => Promise<void>>>,
): Promise<{ outcome: "done" | "failed" | "empty"; topic?: string; error?: unknown }> {
  const topics = Object.keys(handlers);
  try {
    return await store.transact(async (tx) => {
      const found = await sql<{
        id: number;
        topic: string;
        organization_id: string;
        payload: unknown;
        attempts: number;
      }>`
        SELECT id, topic, organization_id, payload, attempts FROM outbox
        WHERE available_at <= now() AND topic = ANY(${topics}) ORDER BY available_at, id
        LIMIT 1 FOR UPDATE SKIP LOCKED`.execute(tx);
      const first = found.rows[0];
      if (!first) return { outcome: "empty" as const };
      const row: OutboxRow = { ...first, organizationId: first.organization_id };
      try {
        await handlers[row.topic]!(tx, row);
      } catch (error) {
        // The whole transaction is tried again: no fault of the handler.
        if (isSerializationFailure(error)) throw error;
        throw new HandlerFailure(row, error);
      }
      await tx.deleteFrom("outbox").where("id", "=", row.id).execute();
      return { outcome: "done" as const, topic: row.topic };
    });
  } catch (error) {
    if (!(error instanceof HandlerFailure)) throw error;
    const delay = Math.min(3_600, 5 * 2 ** Math.min(error.row.attempts, 10));
    // PostgreSQL takes no NUL: a failure that cannot be written would be tried again at once, for ever.
    const message = String(error.cause instanceof Error ? error.cause.message : error.cause);
    const text = message.replaceAll("\0", "").slice(0, 1_000);
    await store.transact((tx) =>
      sql`UPDATE outbox SET attempts = attempts + 1, last_error = ${text}, available_at = now() + make_interval(secs => ${delay})
          WHERE id = ${error.row.id}`.execute(tx),
    );
    return { outcome: "failed", topic: error.row.topic, error: error.cause };
  }
}
