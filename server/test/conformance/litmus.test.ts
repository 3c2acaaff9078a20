import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";

let dav: DavSuite;
let directory: string;
before(async () => {
  dav = await startDavSuite();
  directory = await mkdtemp(join(tmpdir(), "bouquet-litmus-"));
});
after(async () => {
  await dav?.close();
  await rm(directory, { recursive: true, force: true });
});

/** Its output as it comes: one line a test, warnings between. */
async function litmus(url: string, user: string, password: string): Promise<{ code: number | null; output: string }> {
  const child = spawn("litmus", ["-k", url, user, password], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("close", resolve);
  return { code: await promise, output };
}

for (const [name, path] of [
  ["the path of Nextcloud's clients", "/remote.php/dav/files/<uid>/"],
  ["the older path of a person's own files", "/remote.php/webdav/"],
] as const) {
  test(`litmus passes whole and without a warning on ${name}`, { timeout: 300_000 }, async () => {
    const person = await dav.addPerson(path.includes("uid") ? "Anne Riva" : "Paul Verne");
    const url = `${dav.base}${path.replace("<uid>", person.uid)}`;
    const { code, output } = await litmus(url, person.address, person.appPassword);
    const summaries = [...output.matchAll(/summary for `(\w+)': of (\d+) tests run: (\d+) passed, (\d+) failed/g)];
    assert.deepEqual(
      summaries.map(([, suite, run, passed, failed]) => [suite, Number(run) - Number(passed), Number(failed)]),
      ["basic", "copymove", "props", "locks", "http"].map((suite) => [suite, 0, 0]),
      output,
    );
    assert.equal(
      summaries.reduce((sum, [, , , passed]) => sum + Number(passed), 0),
      104,
    );
    assert.doesNotMatch(output, /WARNING|SKIPPED|FAIL/);
    assert.equal(code, 0);
    assert.deepEqual(dav.suite.log, []);
  });
}
