import type { Transactor } from "../database.ts";
import { prepare } from "../prepared.ts";
import type { AccountKey, FeedArea } from "./take-modseq.ts";

export interface Departure {
  /** What left: `message` (a copy left a mailbox), `Email`, `Mailbox`, `Thread`, `node`… */
  kind: string;
  collectionId: string;
  objectId: string;
  uid?: number;
}

const slice = 2_000;

const insert = prepare<never>(
  "departures",
  `INSERT INTO changes (organization_id, account_id, area, modseq, kind, collection_id, object_id, uid)
  SELECT $1::uuid, $2::uuid, $3::text, $4::bigint, * FROM unnest($5::text[], $6::uuid[], $7::uuid[], $8::bigint[])`,
);

/** Live objects carry their own modseq; what is gone leaves a row here so that VANISHED, /changes and sync tokens can name it. */
export async function recordDepartures(
  tx: Transactor,
  key: AccountKey,
  area: FeedArea,
  modseq: number,
  departures: readonly Departure[],
): Promise<void> {
  for (let start = 0; start < departures.length; start += slice) {
    const part = departures.slice(start, start + slice);
    await insert.execute(tx, [
      ...[key.organizationId, key.accountId, area, modseq, part.map((each) => each.kind)],
      ...[part.map((each) => each.collectionId), part.map((each) => each.objectId), part.map((each) => each.uid ?? 0)],
    ]);
  }
}
