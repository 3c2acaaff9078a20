import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";

export type ScannerName = "antivirus" | "antispam";

/** Payload of the outbox rows that tell the operator of an outage. */
export interface OutageOrder {
  scanner: ScannerName;
  /** ISO 8601. */
  beganAt: string;
  detail: string;
}

export const outageTopic = "mail.scanner-outage";

/** Failures that are further apart are two outages, even when nobody saw the scanner answer in between. */
const sameOutageMinutes = 60;
const noteEveryMs = 60_000;

/** When this process last wrote that a scanner is down. */
const noted = new WeakMap<Store, Map<ScannerName, number>>();

/**
 * Notes that a scanner does not answer. The first to note it, of all copies of the program, has the operator told. The database is asked
 * once a minute at most. Never throws: the message that met the outage must be answered whatever happens.
 * @returns true once a minute: worth a log line
 */
export async function noteOutage(store: Store, scanner: ScannerName, detail: string): Promise<boolean> {
  const mine = noted.get(store) ?? new Map<ScannerName, number>();
  noted.set(store, mine);
  const now = performance.now();
  const last = mine.get(scanner);
  if (last !== undefined && now - last < noteEveryMs) return false;
  mine.set(scanner, now);
  await store
    .transact(async (tx) => {
      const begun = await sql<{ began_at: Date; is_new: boolean }>`
        INSERT INTO scanner_outage AS o (scanner) VALUES (${scanner})
        ON CONFLICT (scanner) DO UPDATE SET
          began_at = CASE WHEN o.seen_at < now() - make_interval(mins => ${sameOutageMinutes}) THEN now() ELSE o.began_at END,
          seen_at = now()
        RETURNING began_at, began_at = now() AS is_new`.execute(tx);
      const row = begun.rows[0]!;
      if (!row.is_new) return;
      const operator = await sql<{ id: string }>`
        SELECT id FROM organization ORDER BY (kind = 'operator') DESC, created_at LIMIT 1`.execute(tx);
      if (!operator.rows[0]) return;
      const payload: OutageOrder = { scanner, beganAt: row.began_at.toISOString(), detail: detail.slice(0, 500) };
      await enqueue(tx, { topic: outageTopic, organizationId: operator.rows[0].id, payload });
    })
    .catch(() => mine.delete(scanner));
  return true;
}

/** Notes that a scanner answers. Costs nothing unless this process saw it fail. */
export async function noteRecovery(store: Store, scanner: ScannerName): Promise<void> {
  if (!noted.get(store)?.delete(scanner)) return;
  await store
    .transact((tx) => sql`DELETE FROM scanner_outage WHERE scanner = ${scanner}`.execute(tx))
    .catch(() => undefined);
}
