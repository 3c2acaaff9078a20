import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { createTransferDecoder, decodeTransferEncoding } from "./decode-body.ts";
import { decodeCharset } from "./decode-charset.ts";

const decode = (text: string, encoding: string): string =>
  decodeTransferEncoding(Buffer.from(text, "latin1"), encoding).toString("latin1");
const vectors: [encoding: string, text: string, expected: string][] = [
  ["base64", "Qm9u\r\nam91cg==\r\n", "Bonjour"],
  ["BASE64", "Qm9u!!*am9 1cg", "Bonjour"],
  ["base64", "Qg==b24=\nam91cg==", "Bonjour"],
  ["base64", "====", ""],
  ["quoted-printable", "a=E9b=\r\nc=3D  \r\nd=e9 =\t\r\ne = f =Z=", "a\xe9bc=\r\nd\xe9 e = f =Z"],
  ["quoted-printable", "fin=E", "fin=E"],
  ["quoted-printable", "a \t", "a"],
  ["x-uuencode", "x\nbegin 644 a.txt\n'0F]N:F]U<@``\n`\nend\n", "Bonjour"],
  ["x-uuencode", "no file", "no file"],
  ["8bit", "é\0", "é\0"],
  ["x-unknown", "abc=", "abc="],
];

test("transfer encodings are undone, damage included", () => {
  for (const [encoding, text, expected] of vectors) assert.equal(decode(text, encoding), expected, text);
});

test("streams give the same bytes wherever the chunks are cut", async () => {
  for (const [encoding, text, expected] of vectors) {
    const bytes = Buffer.from(text, "latin1");
    for (let size = 1; size <= 5; size++) {
      const stream = createTransferDecoder(encoding);
      for (let i = 0; i < bytes.length; i += size) stream.write(bytes.subarray(i, i + size));
      stream.end();
      assert.equal((await buffer(stream)).toString("latin1"), expected, `${text} by ${size}`);
    }
  }
});

test("every byte value survives base64 and quoted-printable", () => {
  const all = Buffer.from(Array.from({ length: 1024 }, (_, index) => (index * 7) % 256));
  assert.deepEqual(decodeTransferEncoding(Buffer.from(all.toString("base64")), "base64"), all);
  const quoted = [...all].map((byte) => `=${byte.toString(16).padStart(2, "0")}`).join("");
  assert.deepEqual(decodeTransferEncoding(Buffer.from(quoted), "quoted-printable"), all);
});

test("charsets are decoded by name, and by looking at the bytes when the name says nothing", () => {
  const latin = Buffer.from([0xe9, 0x80]);
  for (const name of ["iso-8859-1", "latin1", "windows-1252", "us-ascii", "nonsense", "", null, "__proto__"]) {
    assert.equal(decodeCharset(latin, name), "é€", String(name));
  }
  assert.equal(decodeCharset(Buffer.from("é€"), "us-ascii"), "é€");
  assert.equal(decodeCharset(Buffer.from("\ufeffé"), "utf-8"), "é");
  assert.equal(decodeCharset(Buffer.from([0xa4]), "iso-8859-15"), "€");
  assert.equal(decodeCharset(Buffer.from([0xfe, 0xff, 0, 0xe9]), "utf-16"), "é");
  assert.equal(decodeCharset(Buffer.from([0x82]), "cp850"), "é");
});

test("UTF-7 is not decoded, since it hides markup", () => {
  assert.equal(decodeCharset(Buffer.from("+ADw-script+AD4-"), "utf-7"), "+ADw-script+AD4-");
});
