import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { uuidv7 } from "../../store/uuid.ts";

export interface ThreadSeeker {
  key: AccountKey;
  threadSubject: string;
  threadIds: readonly string[];
}

export interface ThreadAssignment {
  threadId: string;
  isNew: boolean;
  /** To be known in the thread from now on. */
  newHashes: Buffer[];
}

interface Candidate {
  threadId: string;
  createdModseq: number;
}

/** Subject and id are hashed together, so that one look-up finds threads that share both (RFC 8621 section 3). */
function referenceHash(threadSubject: string, id: string): Buffer {
  return createHash("sha256").update(threadSubject).update("\0").update(id).digest().subarray(0, 16);
}

/**
 * Chooses a thread for each message, in order: one that knows an id of the message under the same base subject, else a new one.
 * Threads never merge: a message that fits several joins the newest. Nothing is written here; the accounts' feeds must be locked.
 */
export async function assignThreads(tx: Transactor, seekers: readonly ThreadSeeker[]): Promise<ThreadAssignment[]> {
  const hashed = seekers.map(({ key, threadSubject, threadIds }) => ({
    key,
    hashes: threadIds.map((id) => referenceHash(threadSubject, id)),
  }));
  const known = await findThreads(tx, hashed);
  return hashed.map(({ key, hashes }) => {
    const found = hashes.flatMap((hash) => [...(known.get(nameOf(key, hash)) ?? [])]);
    const newest = found.reduce<Candidate | undefined>(
      (best, each) => (best === undefined || isNewer(each, best) ? each : best),
      undefined,
    );
    const chosen = newest ?? { threadId: uuidv7(), createdModseq: Number.POSITIVE_INFINITY };
    const newHashes = hashes.filter((hash) => {
      const name = nameOf(key, hash);
      const candidates = known.get(name) ?? [];
      if (candidates.some((each) => each.threadId === chosen.threadId)) return false;
      known.set(name, [...candidates, chosen]);
      return true;
    });
    return { threadId: chosen.threadId, isNew: newest === undefined, newHashes };
  });
}

function isNewer(a: Candidate, b: Candidate): boolean {
  return a.createdModseq === b.createdModseq ? a.threadId > b.threadId : a.createdModseq > b.createdModseq;
}

function nameOf(key: AccountKey, hash: Buffer): string {
  return `${key.accountId} ${hash.toString("latin1")}`;
}

async function findThreads(
  tx: Transactor,
  wanted: readonly { key: AccountKey; hashes: readonly Buffer[] }[],
): Promise<Map<string, Candidate[]>> {
  const pairs = wanted.flatMap(({ key, hashes }) => hashes.map((hash) => ({ key, hash })));
  const known = new Map<string, Candidate[]>();
  if (pairs.length === 0) return known;
  const result = await sql<{ account_id: string; reference_hash: Buffer; thread_id: string; created_modseq: number }>`
    SELECT DISTINCT r.account_id, r.reference_hash, r.thread_id, t.created_modseq
    FROM unnest(
      ${pairs.map((pair) => pair.key.organizationId)}::uuid[], ${pairs.map((pair) => pair.key.accountId)}::uuid[],
      ${pairs.map((pair) => pair.hash.toString("hex"))}::text[]
    ) AS w (organization_id, account_id, hash)
    JOIN thread_reference r ON r.organization_id = w.organization_id AND r.account_id = w.account_id
      AND r.reference_hash = decode(w.hash, 'hex')
    JOIN thread t ON t.organization_id = r.organization_id AND t.id = r.thread_id`.execute(tx);
  for (const row of result.rows) {
    const name = `${row.account_id} ${row.reference_hash.toString("latin1")}`;
    known.set(name, [...(known.get(name) ?? []), { threadId: row.thread_id, createdModseq: row.created_modseq }]);
  }
  return known;
}
