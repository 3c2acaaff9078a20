import assert from "node:assert/strict";
import { test } from "node:test";
import { bearerError, readBearerMessage } from "./sasl-bearer.ts";
import { BadSaslMessage, decodeSaslBase64, readPlainMessage } from "./sasl-plain.ts";

const bytes = (text: string) => Buffer.from(text);

test("the example of RFC 7628 section 4.1 is read", () => {
  const message =
    "n,a=user@example.com,\u0001host=server.example.com\u0001port=143\u0001auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001";
  assert.deepEqual(readBearerMessage("OAUTHBEARER", bytes(message)), {
    user: "user@example.com",
    token: "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
  });
});

test("OAUTHBEARER may leave the name to the token, and escapes what its header cannot hold", () => {
  assert.deepEqual(readBearerMessage("OAUTHBEARER", bytes("n,,\u0001auth=Bearer t\u0001\u0001")), {
    user: "",
    token: "t",
  });
  const escaped = "n,a=a=2Cb=3Dc,\u0001auth=bearer t\u0001\u0001";
  assert.equal(readBearerMessage("OAUTHBEARER", bytes(escaped)).user, "a,b=c");
});

test("XOAUTH2 is read", () => {
  const message = "user=lea@bourg.example\u0001auth=Bearer abc.def-_~+/=\u0001\u0001";
  assert.deepEqual(readBearerMessage("XOAUTH2", bytes(message)), { user: "lea@bourg.example", token: "abc.def-_~+/=" });
});

test("what is none of theirs is refused", () => {
  for (const message of [
    "",
    "\u0001\u0001",
    "n,,\u0001\u0001",
    "n,,\u0001auth=Bearer t\u0001",
    "n,,\u0001auth=Basic t\u0001\u0001",
    "n,,\u0001auth=Bearer \u0001\u0001",
    "n,,\u0001auth=Bearer a b\u0001\u0001",
    "n,,\u0001auth=Bearer é\u0001\u0001",
    "p=tls-unique,,\u0001auth=Bearer t\u0001\u0001",
    "n,a=x=41,\u0001auth=Bearer t\u0001\u0001",
    "n,a=x\u0001auth=Bearer t\u0001\u0001",
    "n,,\u0001nonsense\u0001auth=Bearer t\u0001\u0001",
    "n,,\u0001".repeat(10_000),
  ]) {
    assert.throws(
      () => readBearerMessage("OAUTHBEARER", bytes(message)),
      BadSaslMessage,
      JSON.stringify(message.slice(0, 60)),
    );
  }
  for (const message of [
    "",
    "user=\u0001auth=Bearer t\u0001\u0001",
    "auth=Bearer t\u0001\u0001",
    "user=a\u0001auth=Bearer t",
  ]) {
    assert.throws(() => readBearerMessage("XOAUTH2", bytes(message)), BadSaslMessage, JSON.stringify(message));
  }
});

test("a refused token is told in JSON, with where to get one", () => {
  assert.deepEqual(JSON.parse(bearerError("OAUTHBEARER", "imap", "https://p.example/.well-known/x")), {
    status: "invalid_token",
    scope: "imap",
    "openid-configuration": "https://p.example/.well-known/x",
  });
  assert.equal(JSON.parse(bearerError("XOAUTH2", "smtp", undefined)).status, "401");
});

test("PLAIN has three parts, and Base64 is strict", () => {
  assert.deepEqual(readPlainMessage(bytes("\0lea\0mot de passe")), {
    authorizationId: "",
    name: "lea",
    password: "mot de passe",
  });
  for (const message of ["", "lea", "lea\0x", "a\0b\0c\0d"])
    assert.throws(() => readPlainMessage(bytes(message)), BadSaslMessage);
  assert.equal(decodeSaslBase64("=").length, 0);
  assert.equal(decodeSaslBase64("YQ==").toString(), "a");
  for (const text of ["YQ", "YQ=", "Y Q=", "YQ==YQ==", "é"])
    assert.throws(() => decodeSaslBase64(text), BadSaslMessage, text);
});
