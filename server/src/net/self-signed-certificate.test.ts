import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { makeSelfSignedCertificate } from "./self-signed-certificate.ts";

const from = new Date("2026-11-22T10:00:00Z");
const make = (names: string[], to = new Date("2036-11-20T10:00:00Z")) => {
  const pem = makeSelfSignedCertificate(names, from, to);
  return { certificate: new X509Certificate(pem), key: createPrivateKey(pem) };
};

test("OpenSSL reads it, for all its names, as a server certificate that signs no other", () => {
  const { certificate, key } = make(["mail.agglo.example", "x.example", "127.0.0.1", "2001:db8::1"]);
  assert.equal(certificate.subject, "CN=mail.agglo.example");
  assert.equal(
    certificate.subjectAltName,
    "DNS:mail.agglo.example, DNS:x.example, IP Address:127.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1",
  );
  assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  assert.equal(certificate.ca, false);
  assert.ok(certificate.verify(certificate.publicKey) && certificate.checkPrivateKey(key));
});

test("its dates are right before and after 2050, when their form changes", () => {
  assert.equal(make(["a"]).certificate.validFromDate.toISOString(), from.toISOString());
  assert.equal(
    make(["a"], new Date("2049-12-31T23:59:59Z")).certificate.validToDate.toISOString(),
    "2049-12-31T23:59:59.000Z",
  );
  assert.equal(
    make(["a"], new Date("2050-01-01T00:00:00Z")).certificate.validToDate.toISOString(),
    "2050-01-01T00:00:00.000Z",
  );
});

test("names too long or too many for short DER lengths are written too", () => {
  const long = `${"a".repeat(60)}.${"b".repeat(60)}.example`;
  const many = Array.from({ length: 3000 }, (_, index) => `host-${index}.example`);
  assert.equal(make([long]).certificate.subject, "CN=Bouquet");
  const { certificate } = make(many);
  assert.ok(certificate.checkHost("host-2999.example") && certificate.verify(certificate.publicKey));
});

test("each has a serial number of its own, positive and at most 20 bytes", () => {
  const serials = [make(["a"]), make(["a"])].map(({ certificate }) => certificate.serialNumber);
  assert.notEqual(serials[0], serials[1]);
  for (const serial of serials) assert.match(serial, /^[4-7][0-9A-F]{31}$/);
});
