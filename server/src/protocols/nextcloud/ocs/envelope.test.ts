import assert from "node:assert/strict";
import { test } from "node:test";
import { httpStatusOf, writeEnvelope } from "./envelope.ts";

test("version 1 says 100 for success, with the counts that it leaves empty", () => {
  assert.equal(
    writeEnvelope(1, "json", { status: 200, message: "", data: [] }),
    '{"ocs":{"meta":{"status":"ok","statuscode":100,"message":"OK","totalitems":"","itemsperpage":""},"data":[]}}',
  );
});

test("version 2 says the HTTP status", () => {
  assert.equal(
    writeEnvelope(2, "json", { status: 404, message: "No status for the current user", data: [] }),
    '{"ocs":{"meta":{"status":"failure","statuscode":404,"message":"No status for the current user"},"data":[]}}',
  );
});

test("a wrong password is the 123 bytes that clients were measured to get", () => {
  const text = writeEnvelope(1, "json", { status: 997, message: "Unauthorised", data: [] });
  assert.equal(Buffer.byteLength(text), 123);
  assert.equal(httpStatusOf(1, 997), 401);
});

test("slashes and angle brackets are escaped as PHP does, and the text stays JSON", () => {
  const text = writeEnvelope(2, "json", { status: 200, message: "", data: { url: "http://x/<script>\u2028" } });
  assert.ok(text.includes('"http:\\/\\/x\\/\\u003Cscript\\u003E\\u2028"'));
  assert.equal(JSON.parse(text).ocs.data.url, "http://x/<script>\u2028");
});

test("XML is indented by one blank; lists are elements, true is 1, false and empty texts are empty, null closes itself", () => {
  const data = { list: [{ id: 1 }, "a & <b>"], yes: true, no: false, nothing: null, text: "", empty: [] };
  assert.equal(
    writeEnvelope(2, "xml", { status: 200, message: "", data }),
    `<?xml version="1.0"?>
<ocs>
 <meta>
  <status>ok</status>
  <statuscode>200</statuscode>
  <message>OK</message>
 </meta>
 <data>
  <list>
   <element>
    <id>1</id>
   </element>
   <element>a &amp; &lt;b&gt;</element>
  </list>
  <yes>1</yes>
  <no></no>
  <nothing/>
  <text></text>
  <empty/>
 </data>
</ocs>
`,
  );
});

test("what XML cannot write is left out", () => {
  const text = writeEnvelope(2, "xml", { status: 200, message: "", data: { name: "a\u0000b\u000b\ud800c" } });
  assert.ok(text.includes("<name>ab\ufffdc</name>"));
});

test("version 1 answers 200 over HTTP whatever it says, but for a missing sign-in and too many tries", () => {
  assert.deepEqual(
    [200, 403, 404, 998, 997, 429].map((status) => httpStatusOf(1, status)),
    [200, 200, 200, 200, 401, 429],
  );
  assert.deepEqual(
    [200, 403, 998, 997].map((status) => httpStatusOf(2, status)),
    [200, 403, 404, 401],
  );
});
