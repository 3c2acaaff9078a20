import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { silentLogger } from "../telemetry/logger.ts";
import { ListenError } from "./listen-error.ts";
import { openTls } from "./tls.ts";

const directory = mkdtempSync(join(tmpdir(), "tls-"));
after(() => rmSync(directory, { recursive: true }));

let made = 0;
const selfSigned = (hostNames: string[], where = join(directory, `self-${++made}`)) =>
  openTls({ files: undefined, directory: where, hostNames, log: silentLogger });

async function pemFiles(name: string) {
  const { certificate } = (await selfSigned([name])).material();
  const path = join(directory, `${name}.pem`);
  writeFileSync(path, certificate);
  return path;
}

const open = (certificate: string, key: string) =>
  openTls({ files: { certificate, key }, directory, hostNames: ["x"], log: silentLogger });

test("a self-signed certificate is for every name, private, and the same at the next start", async () => {
  const where = join(directory, "kept");
  const first = await selfSigned(["mail.agglo.example", "localhost", "127.0.0.1"], where);
  const certificate = new X509Certificate(first.material().certificate);
  assert.equal(first.selfSigned, true);
  assert.ok(
    certificate.checkHost("mail.agglo.example") &&
      certificate.checkHost("localhost") &&
      certificate.checkIP("127.0.0.1"),
  );
  assert.equal(certificate.ca, false);
  assert.equal(statSync(join(where, "self-signed.pem")).mode & 0o777, 0o600);
  const second = await selfSigned(["mail.agglo.example"], where);
  assert.equal(second.material().certificate, first.material().certificate);
});

test("a new host name makes a new self-signed certificate", async () => {
  const where = join(directory, "renamed");
  const first = await selfSigned(["mail.old.example"], where);
  const second = await selfSigned(["mail.new.example"], where);
  assert.notEqual(second.material().certificate, first.material().certificate);
});

test("a damaged self-signed file is replaced", async () => {
  const where = join(directory, "damaged");
  await selfSigned(["a.example"], where);
  writeFileSync(join(where, "self-signed.pem"), "-----BEGIN CERTIFICATE-----\nhalf");
  assert.equal((await selfSigned(["a.example"], where)).selfSigned, true);
});

test("certificates that cannot be used are refused in one sentence", async () => {
  const [one, other] = [await pemFiles("one.example"), await pemFiles("other.example")];
  const text = join(directory, "text.pem");
  writeFileSync(text, "hello");
  for (const [certificate, key, expected] of [
    [join(directory, "none.pem"), one, /certificate .*none\.pem cannot be read \(ENOENT\)/],
    [one, text, /key .*text\.pem is not a PEM file of a key/],
    [one, other, /the key is not that of the certificate/],
  ] as const) {
    await assert.rejects(open(certificate, key), (error) => {
      assert.ok(error instanceof ListenError);
      assert.match(error.message, expected);
      return true;
    });
  }
});

test("a reload takes the new certificate and tells who asked", async () => {
  const path = await pemFiles("renewed.example");
  const tls = await open(path, path);
  const told: string[] = [];
  const end = tls.onReload(({ certificate }) => told.push(certificate));
  const context = tls.context();
  writeFileSync(path, readFileSync(await pemFiles("next.example")));
  await tls.reload();
  assert.notEqual(tls.context(), context);
  assert.deepEqual(told, [readFileSync(path, "utf8")]);
  end();
  await tls.reload();
  assert.equal(told.length, 1);
});

test("a reload of wrong files leaves what is in force", async () => {
  const path = await pemFiles("steady.example");
  const tls = await open(path, path);
  const before = tls.material();
  writeFileSync(path, "gone");
  await assert.rejects(tls.reload(), ListenError);
  assert.equal(tls.material(), before);
});

test("copies that start together show one certificate", async () => {
  const where = join(directory, "together");
  const all = await Promise.all([1, 2, 3].map(() => selfSigned(["mail.agglo.example"], where)));
  assert.equal(new Set(all.map((tls) => tls.material().certificate)).size, 1);
});
