import assert from "node:assert/strict";
import { test } from "node:test";
import { readVerdict } from "./verdict.ts";

test("DMARC decides", () => {
  assert.equal(readVerdict(["mx.example; spf=fail; dkim=pass; dmarc=pass header.from=a.example"]), "pass");
  assert.equal(readVerdict(["mx.example;\r\n\tdkim=pass header.d=b.example;\r\n\tdmarc=fail"]), "fail");
});

test("Without DMARC a passed SPF or DKIM is enough, and a failed one proves nothing", () => {
  assert.equal(readVerdict(["mx.example; spf=pass"]), "pass");
  assert.equal(readVerdict(["mx.example; spf=fail; dmarc=none"]), "unknown");
  assert.equal(readVerdict(["mx.example; none"]), "unknown");
  assert.equal(readVerdict([]), "unknown");
});

test("Only the first field counts, and comments count for nothing", () => {
  assert.equal(readVerdict(["mx.example; none", "evil.example; dmarc=pass"]), "unknown");
  assert.equal(readVerdict(["mx.example; none (; dmarc=pass)"]), "unknown");
  assert.equal(readVerdict(["mx.example; none ((x) ; dmarc=pass)"]), "unknown");
});
