import type { Store, Transactor } from "../../store/database.ts";
import { consumeOne, type OutboxRow } from "../../store/outbox/outbox.ts";

/** Does what an outbox row of one topic asks for, in the transaction that deletes the row. */
export type OutboxHandler = (tx: Transactor, row: OutboxRow) => Promise<void>;

export type OutboxHandlers = Readonly<Record<string, OutboxHandler>>;

export interface Consumed {
  outcome: "done" | "failed" | "empty";
  topic?: string;
  error?: unknown;
}

/** Does the oldest due row of the outbox whose topic has a handler; see `consumeOne`. */
export function consumeNext(store: Store, handlers: OutboxHandlers): Promise<Consumed> {
  return consumeOne(store, handlers);
}
