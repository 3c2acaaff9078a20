import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BadMultipart } from "./bad-multipart.ts";
import { readBoundary, readParts } from "./read-parts.ts";

const limits = { parts: 10, headerBytes: 1_000 };

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Read {
  headers: Record<string, string>;
  content: string;
}

async function readAll(text: string | Buffer, pieceSize = 7, boundary = "b"): Promise<Read[]> {
  const found: Read[] = [];
  for await (const part of readParts(inPieces(Buffer.from(text), pieceSize), boundary, limits)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of part.body) pieces.push(piece);
    found.push({ headers: Object.fromEntries(part.headers), content: Buffer.concat(pieces).toString("latin1") });
  }
  return found;
}

const part = (content: string, length: number | string = content.length): string =>
  `--b\r\nContent-Length: ${length}\r\n\r\n${content}\r\n`;

describe("a body of parts", () => {
  test("is read in pieces of any size, with empty parts and parts that hold boundaries", async () => {
    const contents = ["one", "", "\r\n--b--\r\n", "--b\r\nContent-Length: 1\r\n\r\nx\r\n", "\0\xff\r", "last"];
    const body = Buffer.from(`${contents.map((each) => part(each)).join("")}--b--\r\n`, "latin1");
    for (const size of [1, 2, 3, 5, 64, 10_000]) {
      const read = await readAll(body, size);
      assert.deepEqual(
        read.map(({ content }) => content),
        contents,
        `pieces of ${size}`,
      );
    }
  });

  test("has headers in UTF-8, whatever their case", async () => {
    const [read] = await readAll(`\r\n--b \r\ncontent-LENGTH:1\r\nX-File-Path:  /été/🌻.txt \r\n\r\nx\r\n--b--`);
    assert.deepEqual(read?.headers, { "content-length": "1", "x-file-path": "/été/🌻.txt" });
  });

  test("may hold no part at all", async () => {
    assert.deepEqual(await readAll("--b--\r\n"), []);
  });

  test("goes on with the next part when one was not read", async () => {
    const lengths: number[] = [];
    const body = Buffer.from(`${part("a".repeat(1_000))}${part("b")}--b--`);
    for await (const { length } of readParts(inPieces(body, 10), "b", limits)) lengths.push(length);
    assert.deepEqual(lengths, [1_000, 1]);
  });
});

test("a part ends only where its sender has ended it: what says a shorter length is never whole", async () => {
  for (const content of ["evil", "ev\r\nil", "ev\r\n--c"]) {
    const whole: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { body } of readParts(
        inPieces(Buffer.from(`${part("a")}${part(content, 2)}--b--`), 3),
        "b",
        limits,
      )) {
        const pieces: Uint8Array[] = [];
        for await (const piece of body) pieces.push(piece);
        whole.push(Buffer.concat(pieces).toString());
      }
    };
    await assert.rejects(read(), BadMultipart);
    assert.deepEqual(whole, ["a"]);
  }
});

describe("a hostile body is refused", () => {
  const bodies: Record<string, string | Buffer> = {
    "when it is empty": "",
    "when it is something else": "{}",
    "with another boundary": "--c\r\nContent-Length: 0\r\n\r\n\r\n--c--",
    "with a boundary that only begins alike": "--bb\r\nContent-Length: 0\r\n\r\n\r\n--bb--",
    "without a length": "--b\r\nX: y\r\n\r\nx\r\n--b--",
    "with a length that is no number": part("x", "1e3"),
    "with a negative length": part("x", "-1"),
    "with a length beyond all": part("x", "9".repeat(40)),
    "with a part that is longer than it says": `${part("xyz", 2)}--b--`,
    "with a part that is shorter than it says": `${part("xyz", 40)}--b--`,
    "cut within a header": "--b\r\nContent-Length: 3",
    "cut within a part": "--b\r\nContent-Length: 300\r\n\r\nabc",
    "cut before the end": part("abc"),
    "with a header without a colon": "--b\r\nContent-Length 3\r\n\r\nabc\r\n--b--",
    "with a folded header": "--b\r\nContent-Length: 3\r\n more\r\n\r\nabc\r\n--b--",
    "with a header that is not UTF-8": Buffer.from("--b\r\nX: \xff\r\nContent-Length: 0\r\n\r\n\r\n--b--", "latin1"),
    "with headers beyond the limit": `--b\r\n${"X: y\r\n".repeat(500)}Content-Length: 0\r\n\r\n\r\n--b--`,
    "with a line without an end": `--b\r\nX: ${"y".repeat(100_000)}`,
    "with more parts than allowed": `${part("").repeat(11)}--b--`,
  };
  for (const [name, body] of Object.entries(bodies)) {
    test(name, async () => {
      for (const size of [1, 4_096]) await assert.rejects(readAll(body, size), BadMultipart);
    });
  }
});

test("the boundary is read bare, quoted, between other parameters, and refused when it is none", () => {
  const known = {
    'multipart/related; boundary="boundary_.oOo._JvP45C9u9YRLymwNcsUi+KyEpMX3aIUd"':
      "boundary_.oOo._JvP45C9u9YRLymwNcsUi+KyEpMX3aIUd",
    "Multipart/Related;type=x; BOUNDARY=abc ; start=1": "abc",
    'multipart/related; boundary="a b"': "a b",
    'multipart/related; boundary="a "': undefined,
    "multipart/related; boundary=": undefined,
    "multipart/related": undefined,
    "text/plain; boundary=abc": undefined,
    'multipart/related; boundary="a\r\nb"': undefined,
  };
  for (const [text, expected] of Object.entries(known)) assert.equal(readBoundary(text), expected, text);
  assert.equal(readBoundary(`multipart/related; boundary=${"x".repeat(71)}`), undefined);
  assert.equal(readBoundary(undefined), undefined);
});
