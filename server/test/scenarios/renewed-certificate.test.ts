import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "node:tls";
import { makeSelfSignedCertificate } from "../../src/net/self-signed-certificate.ts";
import { prepareProgram } from "../harness/run-program.ts";

const day = 86_400_000;
const newCertificate = () =>
  makeSelfSignedCertificate(["mail.localhost"], new Date(Date.now() - day), new Date(Date.now() + 90 * day));

/** What a client that connects now is shown. */
async function shown(port: number): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

for (const copies of ["1", "2"]) {
  test(`SIGHUP shows a renewed certificate to who connects next, and keeps the old one when the new is wrong, with ${copies} of the program`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "bouquet-tls-"));
    const file = join(directory, "both.pem");
    await writeFile(file, newCertificate());
    const program = await prepareProgram({
      settings: { BOUQUET_TLS_CERTIFICATE: file, BOUQUET_TLS_KEY: file, BOUQUET_COPIES: copies },
    });
    t.after(async () => {
      await program.remove();
      await rm(directory, { recursive: true, force: true });
    });
    await program.start();
    const before = await shown(program.ports.imaps);
    const idle = connect({ host: "127.0.0.1", port: program.ports.submissions, rejectUnauthorized: false });
    await once(idle, "secureConnect");

    const renewed = newCertificate();
    const expected = new X509Certificate(renewed).fingerprint256;
    assert.notEqual(before, expected);
    await writeFile(file, renewed);
    program.process.kill("SIGHUP");
    for (const port of [program.ports.imaps, program.ports.submissions]) {
      // Each copy reads it by itself.
      for (let same = 0; same < 6; ) same = (await shown(port)) === expected ? same + 1 : 0;
    }
    assert.equal(idle.destroyed, false);
    idle.destroy();

    await writeFile(file, "-----BEGIN CERTIFICATE-----\nbroken");
    program.process.kill("SIGHUP");
    while (!/could not be read again/.test(program.output())) await shown(program.ports.imaps);
    assert.equal(await shown(program.ports.imaps), expected);
    assert.equal(await program.kill("SIGTERM"), 0);
  });
}
