import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, openMailFixture } from "../../test/harness/mail-fixture.ts";
import { silentLogger } from "../telemetry/logger.ts";
import { startIndexing } from "./index-texts.ts";

let mail: MailFixture;
before(async () => {
  mail = await openMailFixture();
});
after(() => mail.close());

async function unindexed(): Promise<number> {
  const { count } = await mail.store.read
    .selectFrom("message_text")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("words", "is", null)
    .executeTakeFirstOrThrow();
  return count;
}

async function untilIndexed(): Promise<void> {
  const deadline = Date.now() + 30_000;
  while ((await unindexed()) > 0) {
    assert.ok(Date.now() < deadline, "everything is indexed in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("what is delivered is indexed soon, more than a batch of it, and what comes later too; a stop waits for what runs", async () => {
  const person = await mail.createPerson("Anna");
  for (let number = 0; number < 60; number++) await mail.append(person, { subject: `${number}` });
  assert.equal(await unindexed(), 60);
  const job = startIndexing({ mail: mail.deps, log: silentLogger, pollMs: 20 });
  await untilIndexed();
  await mail.append(person, { subject: "later" });
  await untilIndexed();
  await mail.append(person, { subject: "at the end" });
  await job.stop(1_000);
  const left = await unindexed();
  const { count } = await mail.store.read
    .selectFrom("message_tokens")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  assert.equal(count + left, 62);
});
