import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { PortName } from "../../src/config/config.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";

let suite: TestSuite;
before(async () => {
  suite = await startSuite();
});
after(() => suite.close());

interface Shown {
  readonly code: number | null;
  readonly output: string;
}

/** `openssl s_client`, which ends when the server answered what it was told to say. */
async function openssl(port: PortName, args: readonly string[], say: string): Promise<Shown> {
  const child = spawn(
    "openssl",
    ["s_client", "-connect", `127.0.0.1:${suite.port(port)}`, "-crlf", "-ign_eof", ...args],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  // A server that refused the handshake leaves nobody to read.
  child.stdin.on("error", () => {});
  child.stdin.end(`${say}\n`);
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(timer);
  return { code, output };
}

const certificate = () => join(suite.config.dataDirectory, "tls", "self-signed.pem");

const ports: readonly (readonly [port: PortName, starttls: string | undefined, say: string, answer: RegExp])[] = [
  ["smtp", "smtp", "QUIT", /^221 /m],
  ["submission", "smtp", "QUIT", /^221 /m],
  ["submissions", undefined, "QUIT", /^221 /m],
  ["imap", "imap", "a LOGOUT", /^a OK /m],
  ["imaps", undefined, "a LOGOUT", /^a OK /m],
  ["pop3", "pop3", "QUIT", /\+OK Goodbye/],
  ["pop3s", undefined, "QUIT", /\+OK Goodbye/],
  ["managesieve", "sieve", "LOGOUT", /^OK\b/m],
];

for (const [port, starttls, say, answer] of ports) {
  const begin = starttls === undefined ? [] : ["-starttls", starttls];

  test(`${port} speaks TLS 1.2 and 1.3 with the certificate that it has`, async () => {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const { code, output } = await openssl(
        port,
        [...begin, version, "-CAfile", certificate(), "-verify_return_error"],
        say,
      );
      assert.equal(code, 0, output);
      assert.match(output, /Verif(?:y return code|ication): ?(?:0 \(ok\)|OK)/, output);
      assert.match(output, answer, `${version}\n${output}`);
    }
  });

  test(`${port} refuses TLS 1.1, and ciphers without authentication or forward secrecy`, async () => {
    const weak = [
      ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
      ["-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"],
      ["-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"],
    ];
    for (const args of weak) {
      const { code, output } = await openssl(port, [...begin, ...args], say);
      assert.notEqual(code, 0, `${args}\n${output}`);
    }
  });
}
