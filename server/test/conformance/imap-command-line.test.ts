import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { type ImapSuite, type MailPerson, sampleMessage, startImapSuite } from "../harness/imap-suite.ts";

const run = promisify(execFile);

let suite: ImapSuite;
let person: MailPerson;
let directory: string;

before(async () => {
  suite = await startImapSuite();
  person = await suite.addPerson();
  directory = await mkdtemp(join(tmpdir(), "bouquet-curl-"));
});
after(async () => {
  await suite.close();
  await rm(directory, { recursive: true, force: true });
});

/** What curl prints; it fails when the server refuses. */
async function curl(path: string, ...options: string[]): Promise<string> {
  const url = `imaps://localhost:${suite.tlsPort}/${path}`;
  const always = ["-sSk", "--max-time", "60", "--resolve", `localhost:${suite.tlsPort}:127.0.0.1`];
  const { stdout } = await run("curl", [...always, "--user", `${person.address}:${person.secret}`, ...options, url]);
  return stdout;
}

test("curl uploads, lists, searches, sorts and reads a message by its URL", async () => {
  const file = join(directory, "message.eml");
  const message = sampleMessage("par curl", "Été\r\n".repeat(1000));
  await writeFile(file, message);
  await curl("INBOX", "--upload-file", file);
  assert.match(await curl(""), /"INBOX"/);
  assert.match(await curl("INBOX", "-X", "SEARCH SUBJECT curl"), /^\* SEARCH 1\r\n/m);
  assert.match(await curl("INBOX", "-X", "SORT (DATE) UTF-8 ALL"), /^\* SORT 1\r\n/m);
  assert.match(await curl("INBOX", "-X", "THREAD REFERENCES UTF-8 ALL"), /^\* THREAD \(1\)\r\n/m);
  assert.equal(await curl("INBOX;UID=1"), message);
  assert.match(await curl("INBOX;MAILINDEX=1;SECTION=HEADER.FIELDS%20(SUBJECT)"), /^Subject: par curl/);
  assert.match(await curl("INBOX?SUBJECT%20curl"), /^\* SEARCH 1\r\n/m);
});

test("curl signs in by each mechanism, and over STARTTLS", async () => {
  for (const mechanism of ["PLAIN", "LOGIN"]) {
    assert.match(await curl("", "--login-options", `AUTH=${mechanism}`), /"INBOX"/, mechanism);
  }
  const url = `imap://127.0.0.1:${suite.port}/`;
  const user = `${person.address}:${person.secret}`;
  const { stdout } = await run("curl", ["-sSk", "--max-time", "60", "--ssl-reqd", "--user", user, url]);
  assert.match(stdout, /"INBOX"/);
  const wrong = run("curl", ["-sSk", "--max-time", "60", "--user", `${person.address}:wrong`, url]);
  await assert.rejects(wrong, (error: { code: number }) => error.code === 67);
  const bearer = ["--oauth2-bearer", "x".repeat(40), "--user", person.address];
  for (const mechanism of ["OAUTHBEARER", "XOAUTH2"]) {
    const refused = run("curl", ["-sSk", "--max-time", "60", ...bearer, "--login-options", `AUTH=${mechanism}`, url]);
    await assert.rejects(refused, (error: { code: number }) => error.code === 67, mechanism);
  }
});

/** What a server says to lines sent through openssl, which ends when the server does. */
async function openssl(port: number, lines: readonly string[], ...options: string[]): Promise<string> {
  const child = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-quiet", "-crlf", ...options], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const timer = setTimeout(() => child.kill(), 60_000);
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  child.stdin.write(`${lines.join("\n")}\n`);
  await new Promise<void>((resolve, reject) => {
    child.on("close", () => resolve());
    child.on("error", reject);
  });
  clearTimeout(timer);
  return said;
}

test("openssl s_client talks to both ports", async () => {
  const lines = [`a LOGIN ${person.address} ${person.secret}`, "b CAPABILITY", "c LOGOUT"];
  for (const said of [await openssl(suite.tlsPort, lines), await openssl(suite.port, lines, "-starttls", "imap")]) {
    assert.match(said, /^a OK \[CAPABILITY /m);
    assert.match(said, /^\* CAPABILITY .* COMPRESS=DEFLATE/m);
    assert.match(said, /^\* BYE/m);
    assert.match(said, /^c OK/m);
  }
});
