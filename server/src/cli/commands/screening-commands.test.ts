import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSuite, type TestSuite } from "../../../test/harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../../../test/harness/town-hall.ts";
import type { Command } from "../command.ts";
import { quarantineCommand } from "./quarantine.ts";
import { screeningPolicyCommand } from "./screening-policy.ts";
import { senderRulesCommand } from "./sender-rules.ts";

let suite: TestSuite;
let person: TownPerson;
before(async () => {
  suite = await startSuite();
  person = await (await createTownHall(suite.domain, "Les Essarts", "essarts.example")).addPerson("Odile Martin");
});
after(() => suite.close());

async function run(command: Command, words: string[], options: Record<string, string>): Promise<string[]> {
  const lines: string[] = [];
  const context = { domain: suite.domain, config: suite.config, print: (line: string) => void lines.push(line) };
  await command.run(context as never, words, options);
  return lines;
}
const organization = "essarts.example";

test("lists of an organization and of a person are kept by command", async () => {
  assert.deepEqual(await run(senderRulesCommand, [], { organization }), ["La liste est vide."]);
  await run(senderRulesCommand, ["block", "Spam.example"], { organization });
  await run(senderRulesCommand, ["allow", "paul@ext.example"], { person: person.address });
  assert.deepEqual(await run(senderRulesCommand, [], { organization }), ["bloqué    spam.example"]);
  assert.deepEqual(await run(senderRulesCommand, [], { person: person.address }), ["autorisé  paul@ext.example"]);
  await run(senderRulesCommand, ["remove", "spam.example"], { organization });
  assert.deepEqual(await run(senderRulesCommand, [], { organization }), ["La liste est vide."]);
  await assert.rejects(run(senderRulesCommand, ["forget", "x"], { organization }), /allow, block ou remove/);
  await assert.rejects(run(senderRulesCommand, ["remove", "x"], { organization }), /pas dans la liste/);
});

test("an empty quarantine says so, and an unknown message is not found", async () => {
  assert.deepEqual(await run(quarantineCommand, [], { organization }), ["La quarantaine est vide."]);
  await assert.rejects(run(quarantineCommand, ["release", "x"], { organization }), { code: "not_found" });
});

test("a policy is shown and changed by command, and nonsense is refused", async () => {
  assert.ok((await run(screeningPolicyCommand, [], { organization })).includes("dmarcReject=refuse"));
  const changed = await run(
    screeningPolicyCommand,
    ["virus=refuse", "arcOverrides=non", "junkThreshold=0.8", "trustedSealers=A.example,b.example"],
    { organization },
  );
  for (const line of [
    "virus=refuse",
    "arcOverrides=false",
    "junkThreshold=0.8",
    "trustedSealers=a.example,b.example",
  ]) {
    assert.ok(changed.includes(line), line);
  }
  assert.ok((await run(screeningPolicyCommand, ["trustedSealers="], { organization })).includes("trustedSealers="));
  for (const wrong of [
    "virus=keep",
    "virus",
    "color=red",
    "junkThreshold=",
    "junkThreshold=high",
    "arcOverrides=maybe",
    "minimumLearned=1.5",
  ]) {
    await assert.rejects(run(screeningPolicyCommand, [wrong], { organization }), wrong);
  }
});
