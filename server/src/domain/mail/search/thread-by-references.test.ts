import assert from "node:assert/strict";
import { test } from "node:test";
import { writeThreads } from "../../../formats/imap-syntax/write-threads.ts";
import { baseSubject, isReplySubject } from "../../../formats/mime/thread-key.ts";
import { type ThreadableMessage, type ThreadNode, threadByReferences } from "./thread-by-references.ts";
import { threadBySubject } from "./thread-by-subject.ts";

function finish<T>(steps: Generator<void, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** `id subject < reference reference`; the date is the place unless given after `@`. */
function messages(...lines: string[]): ThreadableMessage[] {
  return lines.map((line, index) => {
    const [, id, subject, references, date] = /^(\S+) (.*?)(?: < (.*?))?(?: @(\d+))?$/.exec(line)!;
    return {
      uid: index + 1,
      messageId: id === "-" ? null : id!,
      references: references?.split(" ") ?? [],
      subject: baseSubject(subject!).toUpperCase(),
      isReply: isReplySubject(subject!),
      date: date === undefined ? index : Number(date),
    };
  });
}

const written = (threads: readonly ThreadNode[]) =>
  writeThreads(threads, ({ uid }) => uid).slice("* THREAD ".length, -2);
const byReferences = (...lines: string[]) => written(finish(threadByReferences(messages(...lines))));
const bySubject = (...lines: string[]) => written(finish(threadBySubject(messages(...lines))));

test("References make parents and children, in the order of the dates", () => {
  assert.equal(byReferences("a one", "b two < a", "c three < a b", "d four < a"), "(1 (2 3)(4))");
  assert.equal(byReferences("a one @9", "b two < a @3", "c other @5"), "(3)(1 2)");
  assert.equal(byReferences("c x < a b", "a x", "b x < a"), "(2 3 1)");
});

test("A message that is not there holds its answers together, but a single answer stands alone", () => {
  assert.equal(byReferences("b one < a", "c two < a"), "((1)(2))");
  assert.equal(byReferences("b one < a"), "(1)");
  assert.equal(byReferences("c one < a b", "d two < a b"), "((1)(2))");
  assert.equal(byReferences("c one < a b", "d two < a"), "((1)(2))");
});

test("The last reference wins over a parent that another message gave", () => {
  assert.equal(byReferences("a one", "z zed", "c three < z b", "b two < a"), "(1 4 3)(2)");
  assert.equal(byReferences("x ex < b", "c cc < a b c2", "b bb"), "(3 (1)(2))");
});

test("Loops, ids that come twice and messages without an id harm nothing", () => {
  assert.equal(byReferences("a one < b", "b two < a"), "(2 1)");
  assert.equal(byReferences("a one < a", "b two < b a b"), "(2 1)");
  assert.equal(byReferences("a one", "a two", "b three < a"), "(1 3)(2)");
  assert.equal(byReferences("- one", "- two", "b three < a"), "(1)(2)(3)");
});

test("Threads of the same base subject are merged as the RFC says", () => {
  assert.equal(byReferences("a Budget", "b Re: Budget"), "(1 2)");
  assert.equal(byReferences("a Re: Budget", "b Budget"), "(2 1)");
  assert.equal(byReferences("a Budget", "b Budget"), "((1)(2))");
  assert.equal(byReferences("a Re: Budget", "b Fwd: Budget"), "((1)(2))");
  assert.equal(byReferences("a Budget", "b Budget", "c Re: [liste] budget"), "((1)(2)(3))");
  assert.equal(byReferences("b Re: x < a", "c Re: x < a", "d x"), "((1)(2)(3))");
  assert.equal(byReferences("b x < a", "c x < a", "e x < d", "f x < d"), "((1)(2)(3)(4))");
  assert.equal(byReferences("a Re:", "b "), "(1)(2)");
});

test("ORDEREDSUBJECT groups by base subject, the first sent above all others", () => {
  assert.equal(bySubject("a x @5", "b y @1", "c Re: x @3", "d Re: x @9", "e y @0"), "(5 2)(3 (1)(4))");
  assert.equal(bySubject(), "");
});

test("A chain as long as a mailbox, forwards or backwards, needs no stack", () => {
  const size = 30_000;
  const chain = Array.from({ length: size }, (_, index) => ({
    uid: index + 1,
    messageId: `m${index}`,
    references: index === 0 ? [] : [`m${index - 1}`],
    subject: "S",
    isReply: index > 0,
    date: index,
  }));
  const expected = `(${chain.map(({ uid }) => uid).join(" ")})`;
  assert.equal(written(finish(threadByReferences(chain))), expected);
  assert.equal(written(finish(threadByReferences(chain.toReversed()))), expected);
  const branching = chain.map((message, index) => ({
    ...message,
    references: index < 2 ? [] : [`m${index - 1 - (index % 2)}`],
  }));
  const text = written(finish(threadByReferences(branching)));
  assert.equal(text.match(/\d+/g)?.length, size);
});

test("What the base subject loses tells whether the message answers another", () => {
  for (const subject of ["Re: x", "RE : x", "re[2]: x", "[a] Fwd: x", "x (fwd)", "[fwd: x]", "[Fwd: Re: x]", "Fw: x"]) {
    assert.equal(isReplySubject(subject), true, subject);
    assert.equal(baseSubject(subject), "x", subject);
  }
  for (const subject of ["x", "[liste] x", "Regarding: x", "x (forward)", "", "[fwd x]"]) {
    assert.equal(isReplySubject(subject), false, subject);
  }
});
