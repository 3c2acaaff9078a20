import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ExtractorClosed, openExtractor } from "./open-extractor.ts";

const script = (code: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort } from "node:worker_threads"; parentPort.on("message", (request) => { ${code} });`)}`,
  );

test("documents are read one after the other, and one that is no document gives nothing", async () => {
  const extractor = openExtractor();
  try {
    const [rtf, none, message] = await Promise.all([
      extractor.extract("rtf", Buffer.from("{\\rtf1 Bonjour}"), 100),
      extractor.extract("pdf", Buffer.from("no"), 100),
      extractor.extract("message", Buffer.from("Subject: Convocation\r\n\r\nLundi\r\n"), 100),
    ]);
    assert.equal(rtf, "Bonjour");
    assert.equal(none, undefined);
    assert.equal(message, "Convocation\nLundi");
  } finally {
    await extractor.close();
  }
});

test("what takes too long or too much memory gives nothing, and the next document is read", async () => {
  const extractor = openExtractor({
    timeoutMs: 4_000,
    maxHeapMb: 24,
    entry: script(`
      if (request.kind === "pdf") for (;;);
      if (request.kind === "odf") { const all = []; for (;;) all.push(new Array(10_000).fill("x")); }
      parentPort.postMessage({ text: "fine" });`),
  });
  try {
    const bytes = Buffer.from("x");
    assert.equal(await extractor.extract("pdf", bytes, 10), undefined);
    assert.equal(await extractor.extract("rtf", bytes, 10), "fine");
    assert.equal(await extractor.extract("odf", bytes, 10), undefined);
    assert.equal(await extractor.extract("rtf", bytes, 10), "fine");
  } finally {
    await extractor.close();
  }
});

test("a document that is being read when the program stops is not said to be unreadable", async () => {
  const extractor = openExtractor({ entry: script("for (;;);") });
  const under = assert.rejects(extractor.extract("pdf", Buffer.from("x"), 10), ExtractorClosed);
  const waiting = assert.rejects(extractor.extract("rtf", Buffer.from("x"), 10), ExtractorClosed);
  await setTimeout(50);
  await extractor.close();
  await Promise.all([under, waiting]);
  await assert.rejects(extractor.extract("rtf", Buffer.from("x"), 10), ExtractorClosed);
});
