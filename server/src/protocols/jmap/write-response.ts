import { setImmediate as nextTurn } from "node:timers/promises";
import type { Invocation, JmapResponse } from "@bouquet/contract/jmap.ts";

/** Lists of more objects are written piece by piece: megabytes of JSON in one go would hold the event loop. */
const longList = 20;

/** The JSON of a response, in pieces between which others get their turn. */
export async function* writeResponse({ methodResponses, ...rest }: JmapResponse): AsyncGenerator<string> {
  yield '{"methodResponses":[';
  for (const [index, invocation] of methodResponses.entries()) {
    if (index > 0) yield ",";
    yield* writeInvocation(invocation);
    await nextTurn();
  }
  yield `],${JSON.stringify(rest).slice(1)}`;
}

async function* writeInvocation([name, answer, callId]: Invocation): AsyncGenerator<string> {
  const { list, ...others } = answer;
  if (!Array.isArray(list) || list.length <= longList) {
    yield JSON.stringify([name, answer, callId]);
    return;
  }
  yield `[${JSON.stringify(name)},{"list":[`;
  for (let at = 0; at < list.length; at += longList) {
    const piece = JSON.stringify(list.slice(at, at + longList)).slice(1, -1);
    yield at === 0 ? piece : `,${piece}`;
    await nextTurn();
  }
  const after = JSON.stringify(others).slice(1);
  yield `]${after === "}" ? after : `,${after}`},${JSON.stringify(callId)}]`;
}
