import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ImapSuite, sampleMessage, startImapSuite } from "../../../test/harness/imap-suite.ts";

let suite: ImapSuite;
before(async () => {
  suite = await startImapSuite();
});
after(() => suite.close());

test("a name that now means another mailbox, or none, is looked up again by the next APPEND", async () => {
  const person = await suite.addPerson();
  const [one, two] = [await suite.signIn(person), await suite.signIn(person)];
  const append = async (): Promise<string> => (await one.append("Box", sampleMessage("a"))).at(-1)!;
  const messagesIn = async (name: string): Promise<string> =>
    /MESSAGES (\d+)/.exec((await two.run(`STATUS ${name} (MESSAGES)`))[0]!)![1]!;
  await two.run("CREATE Box");
  for (let time = 0; time < 3; time++) assert.match(await append(), /^OK \[APPENDUID \d+ \d+\]/);
  await two.run("RENAME Box Old");
  assert.match(await append(), /^NO \[TRYCREATE\]/);
  await two.run("CREATE Box");
  const [first, second] = [await append(), await append()];
  assert.match(first, /^OK \[APPENDUID \d+ 1\]/);
  assert.match(second, /^OK \[APPENDUID \d+ 2\]/);
  assert.deepEqual([await messagesIn("Box"), await messagesIn("Old")], ["2", "3"]);
  await two.run("RENAME Box Gone");
  await two.run("RENAME Old Box");
  assert.match(await append(), /^OK \[APPENDUID \d+ 4\]/);
  await two.run("DELETE Box");
  assert.match(await append(), /^NO \[TRYCREATE\]/);
  assert.deepEqual(await messagesIn("Gone"), "2");
  one.destroy();
  two.destroy();
});
