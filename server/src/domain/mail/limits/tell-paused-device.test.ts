import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type SmtpSuite, startSmtpSuite } from "../../../../test/harness/smtp-suite.ts";
import { consumeOne, enqueue } from "../../../store/outbox/outbox.ts";
import { type PausedDeviceOrder, pausedDeviceTopic } from "../../drive/brake/paused-device-order.ts";
import { pausedDeviceHandler } from "./tell-paused-device.ts";

let suite: SmtpSuite;
before(async () => {
  suite = await startSmtpSuite();
});
after(() => suite?.close());

test("the person and the administrators each get one mail about a paused device, with where to decide; nobody else does", async () => {
  const lea = await suite.addPerson("Lea");
  const chief = await suite.addPerson("Chef", { roles: ["member_administrator"] });
  const paul = await suite.addPerson("Paul");
  const { store } = suite.mail;
  const { organizationId, principalId } = lea.viewer;
  const account = await store.read
    .selectFrom("account")
    .select("id")
    .where("owner_id", "=", principalId)
    .executeTakeFirstOrThrow();
  const payload: PausedDeviceOrder = {
    ...{ accountId: account.id, principalOrganizationId: organizationId, principalId },
    ...{ deviceName: "PC-ACCUEIL", changed: 1201, total: 2000 },
  };
  await store.transact((tx) => enqueue(tx, { topic: pausedDeviceTopic, organizationId, payload }));
  const handlers = { [pausedDeviceTopic]: pausedDeviceHandler(suite.mail, () => "https://drive.example") };
  assert.equal((await consumeOne(store, handlers)).outcome, "done");
  for (const reader of [lea, chief]) {
    const inbox = await suite.readInbox(reader);
    assert.equal(inbox.length, 1);
    const text = Buffer.from(inbox[0]!.split("\r\n\r\n")[1]!, "base64").toString();
    assert.match(text, reader === lea ? /Votre appareil « PC-ACCUEIL »/ : /L’appareil « PC-ACCUEIL » de Lea/);
    assert.match(text, /https:\/\/drive\.example\/pauses/);
  }
  assert.deepEqual(await suite.readInbox(paul), []);
});
