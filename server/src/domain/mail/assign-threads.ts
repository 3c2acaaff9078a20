import { createHash } from "node:crypto";
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

/** What each message may be known by in a thread. */
export function referencesOf(seekers: readonly ThreadSeeker[]): HashedSeeker[] {
  return seekers.map(({ key, threadSubject, threadIds }) => ({
    key,
    hashes: threadIds.map((id) => referenceHash(threadSubject, id)),
  }));
}

export interface HashedSeeker {
  key: AccountKey;
  hashes: readonly Buffer[];
}

/**
 * Chooses a thread for each message, in order: one that knows an id of the message under the same base subject, else a new one.
 * Threads never merge: a message that fits several joins the newest.
 * @param found the threads that know any of the references, read under the locks of the accounts' feeds
 */
export function assignThreads(
  hashed: readonly HashedSeeker[],
  found: readonly { accountId: string; hash: string; threadId: string; createdModseq: number }[],
): ThreadAssignment[] {
  const known = new Map<string, Candidate[]>();
  for (const { accountId, hash, threadId, createdModseq } of found) {
    const name = `${accountId} ${hash}`;
    known.set(name, [...(known.get(name) ?? []), { threadId, createdModseq }]);
  }
  return hashed.map(({ key, hashes }) => {
    const candidates = hashes.flatMap((hash) => [...(known.get(nameOf(key, hash)) ?? [])]);
    const newest = candidates.reduce<Candidate | undefined>(
      (best, each) => (best === undefined || isNewer(each, best) ? each : best),
      undefined,
    );
    const chosen = newest ?? { threadId: uuidv7(), createdModseq: Number.POSITIVE_INFINITY };
    const newHashes = hashes.filter((hash) => {
      const name = nameOf(key, hash);
      const knowing = known.get(name) ?? [];
      if (knowing.some((each) => each.threadId === chosen.threadId)) return false;
      known.set(name, [...knowing, chosen]);
      return true;
    });
    return { threadId: chosen.threadId, isNew: newest === undefined, newHashes };
  });
}

function isNewer(a: Candidate, b: Candidate): boolean {
  return a.createdModseq === b.createdModseq ? a.threadId > b.threadId : a.createdModseq > b.createdModseq;
}

function nameOf(key: AccountKey, hash: Buffer): string {
  return `${key.accountId} ${hash.toString("hex")}`;
}
