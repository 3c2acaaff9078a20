import type { Id } from "@bouquet/contract/jmap.ts";
import type { Email, Thread } from "@bouquet/contract/jmap-mail.ts";
import { type AccountCache, type EmailSummary, summaryProperties } from "./account-cache.ts";
import { type Answers, Batch, type Call, JmapError, resultOf } from "./client.ts";

/* Conversations of 500 messages together are what one Email/get takes; most pages have far less. */
const chunk = 40;

/** The calls that read the conversations of the messages that an earlier call names by `path`, and their reader. */
export function addThreadCalls(batch: Batch, accountId: Id, from: Call<"Email/get">) {
  const threads = batch.add("Thread/get", { accountId, "#ids": resultOf(from, "/list/*/threadId") });
  const emails = batch.add("Email/get", {
    accountId,
    "#ids": resultOf(threads, "/list/*/emailIds"),
    properties: [...summaryProperties],
  });
  return { threads, emails };
}

/** Puts what `addThreadCalls` asked for into the cache; in smaller steps when it was too much for one answer. */
export async function takeThreads(
  cache: AccountCache,
  answers: Answers,
  { threads, emails }: ReturnType<typeof addThreadCalls>,
): Promise<void> {
  const list = answers.of(threads).list;
  try {
    const given = answers.of(emails);
    cache.emailState ??= given.state;
    cache.put(list, given.list as EmailSummary[]);
  } catch (error) {
    if (!(error instanceof JmapError) || error.type !== "requestTooLarge") throw error;
    await loadInParts(cache, list);
  }
}

async function loadInParts(cache: AccountCache, threads: readonly Thread[]): Promise<void> {
  const { accountId } = cache;
  const ids = threads.flatMap((thread) => thread.emailIds);
  const found: Partial<Email>[] = [];
  for (let at = 0; at < ids.length; at += 400) {
    const batch = new Batch();
    const emails = batch.add("Email/get", {
      accountId,
      ids: ids.slice(at, at + 400),
      properties: [...summaryProperties],
    });
    const given = (await batch.send()).of(emails);
    cache.emailState ??= given.state;
    found.push(...given.list);
  }
  cache.put(threads, found as EmailSummary[]);
}

/** Reads the conversations of messages. */
export async function loadThreadsOf(cache: AccountCache, emailIds: readonly Id[]): Promise<void> {
  const { accountId } = cache;
  for (let at = 0; at < emailIds.length; at += chunk) {
    const batch = new Batch();
    const ids = emailIds.slice(at, at + chunk);
    const first = batch.add("Email/get", { accountId, ids, properties: ["id", "threadId"] });
    const calls = addThreadCalls(batch, accountId, first);
    await takeThreads(cache, await batch.send(), calls);
  }
}

/** Reads one conversation. @throws JmapError `notFound` */
export async function loadThread(cache: AccountCache, threadId: Id): Promise<void> {
  const { accountId } = cache;
  const batch = new Batch();
  const threads = batch.add("Thread/get", { accountId, ids: [threadId] });
  const emails = batch.add("Email/get", {
    accountId,
    "#ids": resultOf(threads, "/list/*/emailIds"),
    properties: [...summaryProperties],
  });
  const answers = await batch.send();
  if (answers.of(threads).list.length === 0) throw new JmapError({ type: "notFound" });
  await takeThreads(cache, answers, { threads, emails });
}
