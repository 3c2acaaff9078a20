import type { ThreadableMessage, ThreadNode } from "./thread-by-references.ts";

const MESSAGES_PER_TURN = 10_000;

/**
 * The ORDEREDSUBJECT algorithm of RFC 5256 section 3: messages of one base subject are a thread, whose first message has all the others
 * as children; threads are in the order of their first messages. Yields when others should get their turn.
 */
export function* threadBySubject(messages: readonly ThreadableMessage[]): Generator<void, ThreadNode[]> {
  const bySubject = new Map<string, ThreadableMessage[]>();
  for (const [index, message] of messages.entries()) {
    const thread = bySubject.get(message.subject);
    if (thread) thread.push(message);
    else bySubject.set(message.subject, [message]);
    if (index % MESSAGES_PER_TURN === 0) yield;
  }
  const threads = [...bySubject.values()];
  for (const thread of threads) thread.sort(byDate);
  threads.sort((a, b) => byDate(a[0]!, b[0]!));
  return threads.map(([first, ...others]) => ({
    uid: first!.uid,
    children: others.map(({ uid }) => ({ uid, children: [] })),
  }));
}

function byDate(a: ThreadableMessage, b: ThreadableMessage): number {
  return a.date - b.date || a.uid - b.uid;
}
