import assert from "node:assert/strict";
import { test } from "node:test";
import { originOfRequest } from "./origin-of-request.ts";

const origins = {
  portal: "https://portail.ville.example:8443",
  mail: "https://mail.ville.example:8443",
  drive: "https://drive.ville.example:8443",
};
const originOf = (host: string | undefined, secure = true) => {
  const scheme = secure ? "https" : "http";
  const own = Object.fromEntries(Object.entries(origins).map(([name, url]) => [name, url.replace("https", scheme)]));
  return originOfRequest({ headers: host === undefined ? {} : { host } }, { origins: own as typeof origins }, "drive");
};

test("one of our own names is where people reach it, whatever port a proxy left", () => {
  for (const host of ["drive.ville.example", "drive.ville.example:8080", "Drive.Ville.example:8443"]) {
    assert.equal(originOf(host), origins.drive);
  }
  assert.equal(originOf("mail.ville.example"), origins.mail);
});

test("any other name is as the client wrote it, and this machine without TLS", () => {
  assert.equal(originOf("cloud.ville.example"), "https://cloud.ville.example");
  assert.equal(originOf("127.0.0.1:8080"), "http://127.0.0.1:8080");
  assert.equal(originOf("[::1]:8080"), "http://[::1]:8080");
  assert.equal(originOf("192.0.2.1:80", false), "http://192.0.2.1:80");
});

test("what is no host is not repeated", () => {
  for (const host of [undefined, "", "a b", "evil.example/x", "evil.example\r\nx: y", "a:999999", "user@host"]) {
    assert.equal(originOf(host), origins.drive);
  }
});
