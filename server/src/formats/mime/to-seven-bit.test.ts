import assert from "node:assert/strict";
import { test } from "node:test";
import { simpleParser } from "mailparser";
import { toSevenBit } from "./to-seven-bit.ts";

async function convert(text: string | Buffer, step = 7): Promise<Buffer> {
  const bytes = Buffer.from(text);
  const chunks: Buffer[] = [];
  const source = (async function* () {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  })();
  for await (const chunk of toSevenBit(source)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const isSevenBit = (bytes: Buffer): boolean => bytes.every((byte) => byte < 128);

const simple =
  "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
  `Été = hiver \r\nune ligne très longue ${"é".repeat(100)}\r\n.\r\nfin`;

test("a text in 8bit becomes quoted-printable and reads the same", async () => {
  const made = await convert(simple);
  assert.ok(isSevenBit(made));
  assert.match(made.toString(), /Content-Transfer-Encoding: quoted-printable\r\n/);
  assert.ok(
    made
      .toString()
      .split("\r\n")
      .every((line) => line.length <= 76),
  );
  assert.equal((await simpleParser(made)).text, (await simpleParser(simple)).text);
});

const nested = [
  "From: a@b.example",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="un"',
  "Content-Transfer-Encoding: 8bit",
  "",
  "Préambule".normalize("NFD").replace(/[^\x20-\x7e]/g, ""),
  "--un",
  'Content-Type: multipart/alternative; boundary="deux"',
  "",
  "--deux",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: 8BIT",
  "",
  "café",
  "--deux",
  "Content-Type: text/html; charset=utf-8",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "caf=C3=A9",
  "--deux--",
  "--un",
  "Content-Type: message/rfc822",
  "Content-Transfer-Encoding: 8bit",
  "",
  "Subject: dedans",
  "Content-Type: text/plain; charset=iso-8859-1",
  "Content-Transfer-Encoding: 8bit",
  "",
  "d\u00e9j\u00e0",
  "--un",
  "Content-Type: application/octet-stream",
  "Content-Transfer-Encoding: base64",
  "",
  "AAEC",
  "--un--",
  "",
].join("\r\n");

test("parts, parts of parts and messages inside are converted, what is encoded already is left", async () => {
  const made = await convert(nested, 3);
  assert.ok(isSevenBit(made));
  const text = made.toString();
  assert.deepEqual(
    [...text.matchAll(/Transfer-Encoding: (.*)\r/g)].map((match) => match[1]),
    ["7bit", "quoted-printable", "quoted-printable", "7bit", "quoted-printable", "base64"],
  );
  assert.match(text, /caf=C3=A9\r\n--deux\r\n.*caf=C3=A9\r\n--deux--/s);
  assert.match(text, /d=C3=A9j=C3=A0\r\n--un\r\n/);
});

test("a message in 7 bits keeps its bytes, whatever its structure or lack of one", async () => {
  for (const bytes of [
    "From: a@b.example\r\n\r\nBonjour  \r\n--un\r\n=20\r\n",
    "",
    "From: a@b.example\r\n",
    'Content-Type: multipart/signed; boundary="s"\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\na =20 \r\n--s--\r\n',
  ]) {
    for (const step of [1, 5, 1_000]) assert.equal((await convert(bytes, step)).toString(), bytes);
  }
});

test("a line without end is encoded in pieces that join again", async () => {
  const body = "é".repeat(100_000);
  const made = await convert(
    `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}\r\n`,
    60_001,
  );
  assert.ok(isSevenBit(made));
  assert.equal((await simpleParser(made)).text!.trim(), body);
});

test("a header line as long as a piece does not end the header", async () => {
  const pad = `X-Pad: ${"a".repeat(64 * 1024 - 7)}\r\n`;
  const made = await convert(pad + simple, 70_000);
  assert.ok(isSevenBit(made));
  assert.ok(made.toString().startsWith(`${pad}From: a@b.example\r\n`));
});
