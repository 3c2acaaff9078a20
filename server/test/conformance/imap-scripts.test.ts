import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ImapSuite, type RawClient, startImapSuite } from "../harness/imap-suite.ts";
import { expand, matches, parseScript, type Script, type Step, tokenize } from "./imap-script.ts";

const directory = join(import.meta.dirname, "imap-scripts");

let suite: ImapSuite;

before(async () => {
  suite = await startImapSuite();
});
after(() => suite.close());

for (const file of readdirSync(directory).toSorted()) {
  test(`The conversation ${file} goes as the RFC says`, async () => {
    await hold(parseScript(file, readFileSync(join(directory, file), "utf8")));
  });
}

async function hold(script: Script): Promise<void> {
  const person = await suite.addPerson();
  const clients = new Map<number, RawClient>();
  const values = new Map([
    ["mailbox", "script"],
    ["user", person.address],
  ]);
  const connection = async (number: number) => {
    const client = clients.get(number) ?? (await suite.signIn(person));
    clients.set(number, client);
    return client;
  };
  const first = await connection(1);
  try {
    const announced = (await first.run("CAPABILITY"))[0]!.split(" ");
    for (const name of script.capabilities) assert.ok(announced.includes(name), `${name} is not announced`);
    await first.run("CREATE script");
    for (const { options, text } of script.messages) {
      const answer = await first.append("script", text, options === "" ? "" : `${options} `);
      assert.match(answer.at(-1)!, /^OK/);
    }
    for (const step of script.steps) await take(script.name, step, await connection(step.connection), values);
  } finally {
    for (const client of clients.values()) client.destroy();
  }
}

async function take(name: string, step: Step, client: RawClient, values: Map<string, string>): Promise<void> {
  const command = expand(step.command, values).replaceAll("\\n", "\r\n");
  const lines = await client.run(command);
  const where = `${name}:${step.line}: ${command.slice(0, 200)}\nanswered:\n${lines.join("\n")}\n`;
  const end = lines.at(-1)!;
  assert.equal(end.slice(0, end.indexOf(" ")), step.end, where);
  const responses = lines.slice(0, -1).map((line) => tokenize(line.slice(2)));
  for (const { is, text } of step.expected) {
    if (is === "[") {
      assert.ok(matches(tokenize(text), tokenize(end.slice(step.end.length)), values), `${where}expected ${text}`);
      continue;
    }
    const wanted = tokenize(text);
    const at = responses.findIndex((response) => matches(wanted, response, is === "!" ? new Map(values) : values));
    if (is === "!") assert.equal(at, -1, `${where}did not expect ${text}`);
    else {
      assert.notEqual(at, -1, `${where}expected ${expand(text, values)}`);
      responses.splice(at, 1);
    }
  }
}
