import type { Transactor } from "../database.ts";
import type { AccountKey, FeedArea } from "./take-modseq.ts";

export interface Departure {
  /** What left: `message` (a copy left a mailbox), `Email`, `Mailbox`, `Thread`, `node`… */
  kind: string;
  collectionId: string;
  objectId: string;
  uid?: number;
}

/** Live objects carry their own modseq; what is gone leaves a row here so that VANISHED, /changes and sync tokens can name it. */
export async function recordDepartures(
  tx: Transactor,
  key: AccountKey,
  area: FeedArea,
  modseq: number,
  departures: readonly Departure[],
): Promise<void> {
  for (let start = 0; start < departures.length; start += 1_000) {
    await tx
      .insertInto("changes")
      .values(
        departures.slice(start, start + 1_000).map((departure) => ({
          organization_id: key.organizationId,
          account_id: key.accountId,
          area,
          modseq,
          kind: departure.kind,
          collection_id: departure.collectionId,
          object_id: departure.objectId,
          uid: departure.uid ?? 0,
        })),
      )
      .execute();
  }
}
