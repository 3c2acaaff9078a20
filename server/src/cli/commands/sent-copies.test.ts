import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSuite, type TestSuite } from "../../../test/harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../../../test/harness/town-hall.ts";
import { createSharedMailbox } from "../../domain/lifecycle/create-shared-mailbox.ts";
import { UsageError } from "../command.ts";
import { sentCopiesCommand } from "./sent-copies.ts";

let suite: TestSuite;
let person: TownPerson;
const shared = "mairie@essarts.example";
before(async () => {
  suite = await startSuite();
  person = await (await createTownHall(suite.domain, "Les Essarts", "essarts.example")).addPerson("Odile Martin");
  await createSharedMailbox(suite.domain.store, person.viewer.organizationId, {
    displayName: "Mairie",
    address: shared,
    mailQuota: 1e9,
    grants: [],
    personalSeen: false,
  });
});
after(() => suite.close());

async function run(...words: string[]): Promise<string> {
  const lines: string[] = [];
  const context = { domain: suite.domain, config: suite.config, print: (line: string) => void lines.push(line) };
  await sentCopiesCommand.run(context as never, words, {});
  return lines.join("\n");
}

test("who files the copies is shown and changed, and goes back to what the kind of mailbox says", async () => {
  const [files, leaves] = [/le serveur range une copie/, /ne range pas de copie/];
  assert.match(await run(shared), files);
  assert.match(await run(shared, "non"), leaves);
  assert.match(await run(shared, "selon"), files);
  assert.match(await run(person.address), leaves);
  assert.match(await run(person.address, "oui"), files);
  assert.match(await run(person.address, "selon"), leaves);
  await assert.rejects(run(person.address, "toString"), UsageError);
  await assert.rejects(run("personne@essarts.example"), { code: "not_found" });
});
