import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let person: TownPerson;
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "bouquet-sieve-connect-"));
  suite = await startSuite();
  person = await (await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example")).addPerson("Anna Roux");
});
after(async () => {
  await suite.close();
  await rm(directory, { recursive: true, force: true });
});

interface Ran {
  code: number | null;
  output: string;
}

/** Runs sieve-connect, which takes TLS and SASL PLAIN before all else, with the password on a descriptor of its own. */
function sieveConnect(...args: string[]): Promise<Ran> {
  return runWith(person.appPassword, ...args);
}

function runWith(password: string, ...args: string[]): Promise<Ran> {
  const common = ["--server", "127.0.0.1", "--port", String(suite.port("managesieve")), "--user", person.address];
  const child = spawn("sieve-connect", [...common, "--passwordfd", "3", "--notlsverify", "--noclearchan", ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH ?? "", HOME: directory, LC_ALL: "C.UTF-8" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  const secret = child.stdio[3] as NodeJS.WritableStream;
  secret.on("error", () => {});
  secret.end(`${password}\n`);
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

async function mustRun(...args: string[]): Promise<string> {
  const { code, output } = await sieveConnect(...args);
  assert.equal(code, 0, output);
  return output;
}

const script = 'require "fileinto";\r\nif header :contains "subject" "réunion" {\r\n  fileinto "Archives";\r\n}\r\n';

test("sieve-connect puts, lists, activates, reads and deletes scripts under TLS", async () => {
  await writeFile(join(directory, "tri.sieve"), script);
  await mustRun("--localsieve", "tri.sieve", "--remotesieve", "tri", "--upload");
  assert.match(await mustRun("--list"), /"tri"/);
  assert.doesNotMatch(await mustRun("--list"), /ACTIVE/);
  await mustRun("--remotesieve", "tri", "--activate");
  assert.match(await mustRun("--list"), /"tri" ACTIVE/);
  await mustRun("--remotesieve", "tri", "--localsieve", "back.sieve", "--download");
  assert.equal((await readFile(join(directory, "back.sieve"), "utf8")).replace(/\r?\n/g, "\r\n"), script);
  await mustRun("--deactivate");
  await mustRun("--remotesieve", "tri", "--delete");
  assert.doesNotMatch(await mustRun("--list"), /tri/);
});

test("sieve-connect shows where a script is wrong, and nothing is kept of it", async () => {
  await writeFile(join(directory, "faux.sieve"), 'require "fileinto";\r\n\r\nfileinto;\r\n');
  const { code, output } = await sieveConnect("--localsieve", "faux.sieve", "--remotesieve", "faux", "--upload");
  assert.notEqual(code, 0);
  assert.match(output, /line 3: fileinto needs a string/);
  assert.match((await sieveConnect("--localsieve", "faux.sieve", "--checkscript")).output, /line 3/);
  assert.doesNotMatch(await mustRun("--list"), /faux/);
});

test("sieve-connect with a wrong password is not let in", async () => {
  const { code, output } = await runWith("xxxx-xxxx-xxxx-xxxx-xxxx-xxxx", "--list");
  assert.notEqual(code, 0);
  assert.match(output, /[Aa]uthentication/);
});
