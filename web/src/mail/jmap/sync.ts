import type { Id } from "@bouquet/contract/jmap.ts";
import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import { type AccountCache, type EmailSummary, keys } from "./account-cache.ts";
import { type Answers, Batch, type Call, JmapError, resultOf } from "./client.ts";
import { addThreadCalls, takeThreads } from "./load-threads.ts";

const running = new WeakMap<AccountCache, { again: boolean }>();

/**
 * Brings an account up to date after a hint: what changed since the states of the cache, then the lists on the screen. Calls
 * while one runs are made one.
 * @returns messages that arrived
 */
export async function syncAccount(cache: AccountCache): Promise<EmailSummary[]> {
  const current = running.get(cache);
  if (current) {
    current.again = true;
    return [];
  }
  const state = { again: false };
  running.set(cache, state);
  const arrived: EmailSummary[] = [];
  try {
    do {
      state.again = false;
      arrived.push(...(await syncOnce(cache)));
    } while (state.again);
  } finally {
    running.delete(cache);
  }
  return arrived;
}

async function syncOnce(cache: AccountCache): Promise<EmailSummary[]> {
  const batch = new Batch();
  const mailboxes =
    cache.mailboxState === undefined ? null : addMailboxCalls(batch, cache.accountId, cache.mailboxState);
  const emails = cache.emailState === undefined ? null : addEmailCalls(batch, cache.accountId, cache.emailState);
  if (!mailboxes && !emails) return [];
  const answers = await batch.send();
  try {
    if (mailboxes) takeMailboxes(cache, answers, mailboxes);
    if (!emails) return [];
    const { created, updated, destroyed, newState, hasMoreChanges } = answers.of(emails.changes);
    cache.emailState = newState;
    await takeThreads(cache, answers, emails.ofCreated);
    await takeThreads(cache, answers, emails.ofUpdated);
    cache.forget(destroyed);
    cache.pruneLists();
    if (created.length + updated.length + destroyed.length > 0) await cache.refreshLists();
    if (created.length + destroyed.length > 0)
      void cache.queries.invalidateQueries({ queryKey: keys.quota(cache.accountId) });
    const fresh = created.flatMap((id) => cache.email(id) ?? []);
    return hasMoreChanges ? [...fresh, ...(await syncOnce(cache))] : fresh;
  } catch (error) {
    if (!(error instanceof JmapError) || error.type !== "cannotCalculateChanges") throw error;
    await startAgain(cache);
    return [];
  }
}

/** The server no longer knows the states: everything of the account but immutable bodies is read again. */
async function startAgain(cache: AccountCache): Promise<void> {
  cache.emailState = undefined;
  cache.mailboxState = undefined;
  cache.queries.removeQueries({ queryKey: keys.threads(cache.accountId), type: "inactive" });
  await cache.queries.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] === "jmap" && queryKey[1] === cache.accountId && queryKey[2] !== "body",
  });
}

function addMailboxCalls(batch: Batch, accountId: Id, sinceState: string) {
  const changes = batch.add("Mailbox/changes", { accountId, sinceState });
  const get = (path: string) => batch.add("Mailbox/get", { accountId, "#ids": resultOf(changes, path) });
  return { changes, created: get("/created"), updated: get("/updated") };
}

function takeMailboxes(
  cache: AccountCache,
  answers: Answers,
  calls: { changes: Call<"Mailbox/changes">; created: Call<"Mailbox/get">; updated: Call<"Mailbox/get"> },
): void {
  const { destroyed, newState } = answers.of(calls.changes);
  const fresh = [...answers.of(calls.created).list, ...answers.of(calls.updated).list];
  cache.mailboxState = newState;
  if (fresh.length + destroyed.length === 0) return;
  cache.queries.setQueryData<Mailbox[]>(keys.mailboxes(cache.accountId), (known = []) => {
    const byId = new Map(known.map((mailbox) => [mailbox.id, mailbox]));
    for (const mailbox of fresh) byId.set(mailbox.id, mailbox);
    for (const id of destroyed) byId.delete(id);
    return [...byId.values()];
  });
}

function addEmailCalls(batch: Batch, accountId: Id, sinceState: string) {
  const changes = batch.add("Email/changes", { accountId, sinceState, maxChanges: 100 });
  const threadsOf = (path: string) =>
    addThreadCalls(
      batch,
      accountId,
      batch.add("Email/get", { accountId, "#ids": resultOf(changes, path), properties: ["id", "threadId"] }),
    );
  return { changes, ofCreated: threadsOf("/created"), ofUpdated: threadsOf("/updated") };
}
