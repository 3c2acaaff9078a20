import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { indexMessage } from "./index-message.ts";
import type { MimePart } from "./mime-part.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../test/fixtures/mail/${name}`, import.meta.url));
const body = (bytes: Buffer, part: MimePart): string => bytes.toString("utf8", part.bodyStart, part.bodyEnd);
const outline = (part: MimePart): unknown => [
  part.path,
  `${part.type}/${part.subtype}`,
  ...(part.parts ?? []).map(outline),
  ...(part.message ? [outline(part.message)] : []),
];
const index = (text: string): [Buffer, MimePart] => [Buffer.from(text), indexMessage(Buffer.from(text))];

test("a message that is not multipart is its own part 1", () => {
  const [bytes, root] = index("Subject: x\r\n\r\nun\r\ndeux\r\n");
  assert.equal(root.path, "1");
  assert.equal(root.headerEnd, 14);
  assert.equal(root.lines, 2);
  assert.equal(body(bytes, root), "un\r\ndeux\r\n");
});

test("an empty message and a message of headers alone are empty text", () => {
  for (const text of ["", "Subject: x", "Subject: x\r\n", "Subject: x\n\n", "no colon", "\0\0"]) {
    const [bytes, root] = index(text);
    assert.equal(`${root.type}/${root.subtype}`, "text/plain");
    assert.equal(body(bytes, root), "");
    assert.equal(root.headerEnd, bytes.length);
    assert.equal(root.lines, 0);
  }
});

test("parts are found with LF, CRLF and mixed line ends, and the line end before a delimiter is not theirs", () => {
  for (const eol of ["\n", "\r\n"]) {
    const [bytes, root] = index(
      [
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "avant",
        "--b",
        "",
        "un",
        "--b",
        "X: y",
        "",
        "deux",
        "",
        "--b--",
        "après",
      ].join(eol),
    );
    assert.deepEqual(
      root.parts?.map((part) => body(bytes, part)),
      ["un", `deux${eol}`],
    );
    assert.deepEqual(
      root.parts?.map((part) => part.lines),
      [1, 1],
    );
  }
  const [bytes, root] = index("Content-Type: multipart/mixed; boundary=b\n\r\n--b\r\n\nun\r\n--b\n\r\ndeux\n--b--");
  assert.deepEqual(
    root.parts?.map((part) => body(bytes, part)),
    ["un", "deux"],
  );
});

test("boundaries that are prefixes of one another are told apart", () => {
  const [bytes, root] = index(
    'Content-Type: multipart/mixed; boundary=ab\n\n--ab\nContent-Type: multipart/mixed; boundary="ab--"\n\n--ab--\n\n1\n--abc\n--ab----\n--ab \n\n2\n--ab--\n',
  );
  assert.deepEqual(outline(root), [
    "",
    "multipart/mixed",
    ["1", "multipart/mixed", ["1.1", "text/plain"]],
    ["2", "text/plain"],
  ]);
  assert.equal(body(bytes, root.parts![0]!.parts![0]!), "1\n--abc");
});

test("a multipart that is never closed ends with its parent or with the message", () => {
  const [bytes, root] = index(
    "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nun\n--a\n\ndeux",
  );
  assert.equal(body(bytes, root.parts![0]!.parts![0]!), "un");
  assert.equal(body(bytes, root.parts![1]!), "deux");
  assert.equal(root.parts![1]!.lines, 1);
});

test("a delimiter inside a header ends that part without a body", () => {
  const [bytes, root] = index(
    "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/html\n--a\n\nx\n--a--\n",
  );
  assert.deepEqual(
    root.parts?.map((part) => body(bytes, part)),
    ["", "x"],
  );
});

test("a multipart without boundary is text, and one in which no delimiter comes has no part", () => {
  assert.equal(index("Content-Type: multipart/mixed\n\n--x\n")[1].type, "text");
  assert.deepEqual(index("Content-Type: multipart/mixed; boundary=z\n\n--x\n")[1].parts, []);
});

test("multipart/digest holds messages by default", () => {
  const [, root] = index("Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: un\n\ncorps\n--d--\n");
  assert.deepEqual(outline(root), ["", "multipart/digest", ["1", "message/rfc822", ["1.1", "text/plain"]]]);
  assert.equal(root.parts![0]!.envelope?.subject, "un");
});

test("enclosed messages are numbered below their part", () => {
  assert.deepEqual(outline(indexMessage(fixture("nested-rfc822.eml"))), [
    "",
    "multipart/mixed",
    ["1", "text/plain"],
    ["2", "message/rfc822", ["2", "multipart/mixed", ["2.1", "text/plain"], ["2.2", "text/csv"]]],
  ]);
});

test("an encoded message/rfc822 is not entered", () => {
  const [, root] = index("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA==\n");
  assert.equal(root.message, undefined);
});

test("beyond 100 levels a part is an opaque file", () => {
  let text = "";
  for (let i = 0; i < 2000; i++) text += `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`;
  for (const deep of [text, "Content-Type: message/rfc822\n\n".repeat(2000)]) {
    let part = indexMessage(Buffer.from(deep));
    let depth = 0;
    for (let next = part; next; next = (part.parts?.[0] ?? part.message)!) {
      part = next;
      depth++;
    }
    assert.equal(depth, 101);
    assert.equal(`${part.type}/${part.subtype}`, "application/octet-stream");
    assert.equal(part.bodyEnd, deep.length);
  }
});

test("the last of 10,000 parts swallows the rest", () => {
  const bytes = Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n${"--b\n\nx\n".repeat(20_000)}`);
  const root = indexMessage(bytes);
  assert.equal(root.parts?.length, 9_999);
  const last = root.parts!.at(-1)!;
  assert.equal(last.subtype, "octet-stream");
  assert.equal(last.bodyEnd, bytes.length);
  assert.equal(last.lines, bytes.toString("latin1", last.bodyStart).split("\n").length - 1);
});

test("lines and offsets agree with the bytes for every cut of every fixture", () => {
  for (const name of ["nested-rfc822.eml", "apple-mail.eml", "delivery-report.eml"]) {
    const whole = fixture(name);
    for (let length = 0; length <= whole.length; length += 7) {
      const bytes = whole.subarray(0, length);
      const check = (part: MimePart, end: number): void => {
        assert.ok(part.headerStart <= part.headerEnd && part.headerEnd === part.bodyStart);
        assert.ok(part.bodyStart <= part.bodyEnd && part.bodyEnd <= end);
        const text = bytes.toString("latin1", part.bodyStart, part.bodyEnd);
        assert.equal(part.lines, text === "" ? 0 : text.replace(/\n$/, "").split("\n").length);
        for (const child of part.parts ?? []) check(child, part.bodyEnd);
        if (part.message) check(part.message, part.bodyEnd);
      };
      check(indexMessage(bytes), length);
    }
  }
});
